//! The HTTP clients: one for each proxy and set of certificates, made on first use and shared by all requests.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError};
use std::time::Duration;
use std::{fs, io};

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client};
use tokio::sync::OnceCell;

use super::proxy::Proxy;

/// Where trusted certificates come from besides the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct TrustEnvironment {
    /// `NODE_EXTRA_CA_CERTS`: in addition to the others.
    pub extra: Option<PathBuf>,
    /// `SSL_CERT_FILE`: instead of the platform's.
    pub file: Option<PathBuf>,
}

/// Everything that makes two requests need different clients.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Way {
    pub(crate) proxy: Option<Proxy>,
    pub(crate) trust: TrustEnvironment,
    pub(crate) connect_timeout: Option<Duration>,
    /// A redirect sends the request again, which a token that can be spent once does not bear.
    pub(crate) follows_redirects: bool,
}

/// A client, and what could not be read while it was made.
#[derive(Debug, Clone)]
pub(crate) struct WayOut {
    pub(crate) client: Client,
    /// Shown when a certificate is refused: the likeliest reason.
    pub(crate) trust_problem: Option<String>,
}

type Slot = Arc<OnceCell<WayOut>>;

/// The most clients that are kept, for processes that keep changing their proxies.
const MOST_CLIENTS: usize = 16;

static CLIENTS: LazyLock<Mutex<VecDeque<(Way, Slot)>>> = LazyLock::new(Mutex::default);

/// The client for this way. The first call reads certificates from disk, off the event loop.
pub(crate) async fn client(way: &Way) -> Result<WayOut, reqwest::Error> {
    let slot = slot(way);
    let made = slot.get_or_try_init(|| async {
        let way = way.clone();
        match tokio::task::spawn_blocking(move || build(&way)).await {
            Ok(built) => built,
            Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
            // The runtime is going down, and this future with it.
            Err(_) => std::future::pending().await,
        }
    });
    made.await.cloned()
}

fn slot(way: &Way) -> Slot {
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, slot)) = clients.iter().find(|(known, _)| known == way) {
        return Arc::clone(slot);
    }
    let slot = Slot::default();
    clients.push_back((way.clone(), Arc::clone(&slot)));
    if clients.len() > MOST_CLIENTS {
        clients.pop_front();
    }
    slot
}

fn build(way: &Way) -> Result<WayOut, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut problems = Vec::new();
    let mut read = |name: &str, path: Option<&PathBuf>| {
        path.and_then(|path| match certificates(path) {
            Ok(found) => Some(found),
            Err(error) => {
                problems.push(format!("{name} could not be read: {error}"));
                None
            }
        })
    };
    let only = read("SSL_CERT_FILE", way.trust.file.as_ref());
    let extra = read("NODE_EXTRA_CA_CERTS", way.trust.extra.as_ref()).unwrap_or_default();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(if way.follows_redirects {
            Policy::custom(stay_on_origin)
        } else {
            Policy::none()
        })
        .tcp_nodelay(true)
        // A peer that vanished (a laptop that slept, a NAT that forgot the connection) is noticed after a minute, and not
        // only by the timer that leaves a model its time to think.
        .tcp_keepalive(Duration::from_secs(30))
        .tcp_keepalive_interval(Duration::from_secs(10))
        .tcp_keepalive_retries(3);
    builder = match only {
        Some(certificates) => builder.tls_certs_only(certificates.into_iter().chain(extra)),
        None if extra.is_empty() => builder,
        None => builder.tls_certs_merge(extra),
    };
    if let Some(limit) = way.connect_timeout {
        builder = builder.connect_timeout(limit);
    }
    if let Some(proxy) = &way.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.url.clone())?);
    }
    let trust_problem = (!problems.is_empty()).then(|| problems.join("; "));
    Ok(WayOut { client: builder.build()?, trust_problem })
}

fn certificates(path: &Path) -> io::Result<Vec<Certificate>> {
    let found = Certificate::from_pem_bundle(&fs::read(path)?).map_err(io::Error::other)?;
    if found.is_empty() { Err(io::Error::other("it holds no certificate")) } else { Ok(found) }
}

/// A redirect is followed only to where the request went anyway: the bearer is for that server alone.
fn stay_on_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    const MOST_HOPS: usize = 5;
    let same =
        attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if same && attempt.previous().len() <= MOST_HOPS { attempt.follow() } else { attempt.stop() }
}
