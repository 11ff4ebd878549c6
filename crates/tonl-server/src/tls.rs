//! TLS: certificates from files, read again when they change.
//!
//! TLS 1.2 and 1.3 alone, with ring as the only provider; `h2` and `http/1.1` are offered. A new
//! certificate is used for new connections, open ones keep theirs. A file that cannot be read or does
//! not fit leaves the last good certificate in place.
//!
//! *Source:* S45; RFC 8446, RFC 7301.

use arc_swap::ArcSwap;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::TlsAcceptor;

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificate chain, PEM, the server's own first.
    pub cert: PathBuf,
    /// Its private key, PEM (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
    /// Authorities of client certificates, PEM. With it, clients must show one.
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// A certificate and its key.
    pub fn new(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            cert: cert.into(),
            key: key.into(),
            client_ca: None,
        }
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of what is expected.
    #[error("cannot read {what} from {path}: {source}", path = path.display())]
    Pem {
        /// What was expected in it.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// A file holds no certificate.
    #[error("there is no certificate in {path} (expected PEM)", path = .0.display())]
    Empty(PathBuf),
    /// The certificate and the key do not fit, or are of a kind that is not supported.
    #[error("the certificate in {path} cannot be used: {source}", path = path.display())]
    Unusable {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// The authorities of client certificates cannot be used.
    #[error("the client authorities in {path} cannot be used: {reason}", path = path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What a look at the files found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsReload {
    /// The same bytes as before.
    Unchanged,
    /// New ones, in use from now on.
    Changed,
}

/// The certificate in use. Clones share it.
#[derive(Clone, Debug)]
pub struct Tls {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
    certificates: Mutex<Loaded>,
}

/// The public parts of what was read last: enough to see a change, without a copy of the key. A key
/// is never renewed without its certificate.
#[derive(Debug, PartialEq, Eq)]
struct Loaded {
    chain: Vec<CertificateDer<'static>>,
    authorities: Vec<CertificateDer<'static>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// Files that cannot be read, and certificates that cannot be used.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let loaded = Loaded::read(&files)?;
        let config = loaded.config(&files)?;
        Ok(Self {
            inner: Arc::new(Inner {
                files,
                current: ArcSwap::from_pointee(config),
                certificates: Mutex::new(loaded),
            }),
        })
    }

    /// Reads the files again; open connections are not touched.
    ///
    /// # Errors
    /// As [`Tls::load`]; what was in use stays in use.
    pub fn reload(&self) -> Result<TlsReload, TlsError> {
        let loaded = Loaded::read(&self.inner.files)?;
        let last = self.inner.certificates.lock();
        let mut last = last.unwrap_or_else(PoisonError::into_inner);
        if *last == loaded {
            return Ok(TlsReload::Unchanged);
        }
        let config = loaded.config(&self.inner.files)?;
        self.inner.current.store(Arc::new(config));
        *last = loaded;
        Ok(TlsReload::Changed)
    }

    /// Whether clients must show a certificate.
    pub fn asks_clients(&self) -> bool {
        self.inner.files.client_ca.is_some()
    }

    /// Takes a connection with the certificate of now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.inner.current.load_full())
    }
}

impl Loaded {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            chain: certificates(&files.cert)?,
            authorities: match &files.client_ca {
                Some(path) => certificates(path)?,
                None => Vec::new(),
            },
        })
    }

    fn config(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let unusable = |source| TlsError::Unusable {
            path: files.cert.clone(),
            source,
        };
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::Pem {
            what: "a private key",
            path: files.key.clone(),
            source,
        })?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(unusable)?;
        let builder = match &files.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => builder.with_client_cert_verifier(
                self.verifier(path, provider)
                    .map_err(|reason| TlsError::Authorities {
                        path: path.clone(),
                        reason,
                    })?,
            ),
        };
        let mut config = builder
            .with_single_cert(self.chain.clone(), key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn verifier(
        &self,
        path: &Path,
        provider: Arc<rustls::crypto::CryptoProvider>,
    ) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, String> {
        let mut roots = RootCertStore::empty();
        for authority in &self.authorities {
            roots
                .add(authority.clone())
                .map_err(|error| format!("{error} ({})", path.display()))?;
        }
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| error.to_string())
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = |source| TlsError::Pem {
        what: "a certificate",
        path: path.to_owned(),
        source,
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(pem)?
        .collect::<Result<_, _>>()
        .map_err(pem)?;
    if chain.is_empty() {
        return Err(TlsError::Empty(path.to_owned()));
    }
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    fn write(folder: &TempDir, name: &str) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let (cert, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        fs::write(&cert, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        TlsFiles::new(cert, key)
    }

    #[test]
    fn a_new_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = TempDir::new().unwrap();
        let files = write(&folder, "one.example");
        let tls = Tls::load(files.clone()).unwrap();
        assert_eq!(tls.reload().unwrap(), TlsReload::Unchanged);
        write(&folder, "two.example");
        assert_eq!(tls.reload().unwrap(), TlsReload::Changed);
        let in_use = tls.inner.current.load_full();
        fs::write(&files.cert, "no certificate").unwrap();
        assert!(matches!(tls.reload(), Err(TlsError::Empty(_))));
        assert!(Arc::ptr_eq(&in_use, &tls.inner.current.load_full()));
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut files = write(&one, "one.example");
        files.key = write(&two, "two.example").key;
        let error = Tls::load(files).unwrap_err();
        assert!(matches!(error, TlsError::Unusable { .. }), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = TempDir::new().unwrap();
        let files = TlsFiles::new(
            folder.path().join("none.pem"),
            folder.path().join("key.pem"),
        );
        let error = Tls::load(files).unwrap_err();
        assert!(error.to_string().contains("none.pem"), "{error}");
    }
}
