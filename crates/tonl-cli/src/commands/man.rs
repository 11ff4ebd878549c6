//! `tonl man`: manual pages from the same description as `--help`.

use crate::args::Cli;
use crate::args::man::{ManArgs, SettingsForm};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::render::markdown;
use crate::settings::page;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::path::Path;

/// Prints the manual, or writes its pages into a folder.
pub(super) fn run(args: &ManArgs) -> Result<Exit> {
    if let Some(form) = args.settings {
        let text = match form {
            SettingsForm::Markdown => page::markdown(),
            SettingsForm::Toml => page::example(),
        };
        return Output::stdout().write_whole(text.as_bytes());
    }
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.folder {
        write_pages(command, folder)?;
        return Ok(Exit::Success);
    }
    let text = if args.markdown {
        markdown::page(&command).into_bytes()
    } else {
        roff(command)?
    };
    Output::stdout().write_whole(&text)
}

fn write_pages(command: Command, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::io("create", folder, &error))?;
    let subcommands: Vec<Command> = command
        .get_subcommands()
        .flat_map(|sub| std::iter::once(sub).chain(sub.get_subcommands()))
        .cloned()
        .collect();
    for page in subcommands.into_iter().chain([command]) {
        let name = page.get_display_name().unwrap_or_else(|| page.get_name());
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, roff(page)?).map_err(|error| Failure::io("write", &path, &error))?;
    }
    Ok(())
}

fn roff(command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::new(format_args!("cannot render the manual: {error}")))?;
    Ok(page)
}
