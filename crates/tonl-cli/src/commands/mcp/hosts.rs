//! The clients: what they are called, where they keep their configuration, and how they write it.
//!
//! Paths and keys are the clients' own, as their documentation had them in November 2026. A new client is
//! a variant of [`HostName`] and a line in each function here and in `entry`.

use super::document::Dialect;
use crate::args::mcp::{HostName, ScopeName};
use crate::env;
use crate::failure::{Failure, Result};
use std::path::{Path, PathBuf};

/// The systems whose folders differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    Linux,
    MacOs,
    Windows,
}

impl Platform {
    /// The one this program was built for. Other Unix systems keep files like Linux.
    pub(super) fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// The folders that configuration files are in.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    pub(super) platform: Platform,
    /// `HOME`, on Windows `USERPROFILE`.
    pub(super) home: Option<PathBuf>,
    /// Where programs keep their settings: `XDG_CONFIG_HOME`, `~/Library/Application Support`, `APPDATA`.
    pub(super) settings: Option<PathBuf>,
    /// `CLAUDE_CONFIG_DIR`, which moves the files of Claude Code.
    pub(super) claude: Option<PathBuf>,
}

impl Folders {
    /// The folders of the person who runs this.
    pub(super) fn current() -> Self {
        let platform = Platform::current();
        let home = folder(if platform == Platform::Windows {
            "USERPROFILE"
        } else {
            "HOME"
        });
        let settings = match platform {
            Platform::Linux => {
                folder("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")))
            }
            Platform::MacOs => home
                .as_ref()
                .map(|home| home.join("Library/Application Support")),
            Platform::Windows => folder("APPDATA"),
        };
        Self {
            platform,
            home,
            settings,
            claude: folder("CLAUDE_CONFIG_DIR"),
        }
    }
}

/// A folder named by a variable; a relative one would mean another place with each working directory.
fn folder(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::variable(variable)?);
    path.is_absolute().then_some(path)
}

impl HostName {
    /// What people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Windsurf => "Windsurf",
            Self::Zed => "Zed",
            Self::Generic => "the client",
        }
    }

    /// The name on the command line.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "claude-desktop",
            Self::ClaudeCode => "claude-code",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Windsurf => "windsurf",
            Self::Zed => "zed",
            Self::Generic => "generic",
        }
    }

    /// The key of the object that holds the servers.
    pub(super) fn servers(self) -> &'static str {
        match self {
            Self::VsCode => "servers",
            Self::Zed => "context_servers",
            _ => "mcpServers",
        }
    }

    /// What the client takes for JSON. Anthropic's clients read nothing but JSON itself.
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::ClaudeDesktop | Self::ClaudeCode => Dialect::Json,
            _ => Dialect::WithComments,
        }
    }

    /// What to do so that the client reads its configuration again.
    pub(super) fn renewal(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "quit Claude Desktop and start it again",
            Self::ClaudeCode => "start a new session and look at /mcp",
            Self::Cursor => "look at Settings, Tools & MCP, and switch tonl on",
            Self::VsCode => "run the command `MCP: List Servers` and start tonl",
            Self::Windsurf => "refresh the MCP servers in the Cascade panel",
            Self::Zed => "look at the dot beside tonl in the settings of the Agent panel",
            Self::Generic => "start the client again",
        }
    }

    /// Where the client keeps its configuration.
    ///
    /// # Errors
    /// The client has no such scope, has no known file at all, or the folder cannot be told.
    pub(super) fn file(self, scope: ScopeName, folders: &Folders) -> Result<PathBuf> {
        match scope {
            ScopeName::Project => self.project_file(),
            ScopeName::User => self.user_file(folders),
        }
    }

    fn project_file(self) -> Result<PathBuf> {
        Ok(PathBuf::from(match self {
            Self::ClaudeCode => ".mcp.json",
            Self::Cursor => ".cursor/mcp.json",
            Self::VsCode => ".vscode/mcp.json",
            Self::Zed => ".zed/settings.json",
            Self::ClaudeDesktop | Self::Windsurf => {
                let message = format!("{} has no configuration of a project", self.title());
                return Err(Failure::configuration(message).with_hint("use --scope user"));
            }
            Self::Generic => return Err(Self::nowhere()),
        }))
    }

    fn user_file(self, folders: &Folders) -> Result<PathBuf> {
        let home = || known(folders.home.as_deref(), self, "home");
        let settings = || known(folders.settings.as_deref(), self, "settings");
        Ok(match self {
            Self::ClaudeDesktop => settings()?.join("Claude/claude_desktop_config.json"),
            Self::ClaudeCode => match &folders.claude {
                Some(folder) => folder.join(".claude.json"),
                None => home()?.join(".claude.json"),
            },
            Self::Cursor => home()?.join(".cursor/mcp.json"),
            Self::VsCode => settings()?.join("Code/User/mcp.json"),
            Self::Windsurf => home()?.join(".codeium/windsurf/mcp_config.json"),
            // Zed follows the XDG folders on macOS too, but not the variable.
            Self::Zed => match folders.platform {
                Platform::Linux => settings()?.join("zed/settings.json"),
                Platform::MacOs => home()?.join(".config/zed/settings.json"),
                Platform::Windows => settings()?.join("Zed/settings.json"),
            },
            Self::Generic => return Err(Self::nowhere()),
        })
    }

    fn nowhere() -> Failure {
        Failure::configuration(
            "a generic client has no place for its configuration that is known here",
        )
        .with_hint("name the file with --file")
    }
}

fn known<'a>(folder: Option<&'a Path>, host: HostName, kind: &str) -> Result<&'a Path> {
    folder.ok_or_else(|| {
        Failure::configuration(format_args!(
            "cannot tell where {} keeps its configuration: the {kind} folder is not known",
            host.title()
        ))
        .with_hint("name the file with --file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(platform: Platform) -> Folders {
        Folders {
            platform,
            home: Some("/ann".into()),
            settings: Some("/settings".into()),
            claude: None,
        }
    }

    fn user(host: HostName, platform: Platform) -> String {
        let file = host.file(ScopeName::User, &folders(platform)).unwrap();
        file.to_str().unwrap().to_owned()
    }

    #[test]
    fn every_client_has_its_file_on_every_system() {
        use HostName::{ClaudeCode, ClaudeDesktop, Cursor, VsCode, Windsurf};
        for platform in [Platform::Linux, Platform::MacOs, Platform::Windows] {
            for (host, file) in [
                (ClaudeDesktop, "/settings/Claude/claude_desktop_config.json"),
                (ClaudeCode, "/ann/.claude.json"),
                (Cursor, "/ann/.cursor/mcp.json"),
                (VsCode, "/settings/Code/User/mcp.json"),
                (Windsurf, "/ann/.codeium/windsurf/mcp_config.json"),
            ] {
                assert_eq!(user(host, platform), file, "{platform:?}");
            }
        }
        for (platform, file) in [
            (Platform::Linux, "/settings/zed/settings.json"),
            (Platform::MacOs, "/ann/.config/zed/settings.json"),
            (Platform::Windows, "/settings/Zed/settings.json"),
        ] {
            assert_eq!(user(HostName::Zed, platform), file);
        }
    }

    #[test]
    fn a_moved_folder_of_claude_code_is_followed() {
        let folders = Folders {
            claude: Some("/elsewhere".into()),
            ..folders(Platform::Linux)
        };
        let file = HostName::ClaudeCode
            .file(ScopeName::User, &folders)
            .unwrap();
        assert_eq!(file, Path::new("/elsewhere/.claude.json"));
    }

    #[test]
    fn a_scope_or_a_folder_that_is_not_there_is_said() {
        let folders = Folders {
            home: None,
            ..folders(Platform::Linux)
        };
        let file = HostName::Windsurf.file(ScopeName::User, &folders);
        assert!(file.unwrap_err().message().contains("home folder"));
        let file = HostName::Windsurf.file(ScopeName::Project, &folders);
        assert!(
            file.unwrap_err()
                .message()
                .contains("no configuration of a project")
        );
        let file = HostName::Generic.file(ScopeName::User, &folders);
        assert!(file.unwrap_err().hints()[0].contains("--file"));
    }
}
