//! Which pages may send requests.

use crate::exchange::{ask, of_client, request};
use http::Request;
use tonl_layers::Client;
use tonl_layers::client_addr::{ClientAddr, TrustedProxies};
use tonl_layers::origin::{AllowedOrigins, Origin, OriginGuard};
use tonl_testkit::Random;

fn guard() -> OriginGuard {
    let list = "https://app.example.com, http://localhost:5173, vscode-webview://panel";
    OriginGuard::new(AllowedOrigins::parse(list).unwrap())
}

async fn passes(request: Request<()>) -> bool {
    let response = ask(guard(), request).await;
    if response.status() == 403 {
        assert_eq!(response.body(), r#"{"error":"Not allowed by CORS"}"#);
        return false;
    }
    assert_eq!(response.body(), "reached");
    true
}

async fn passes_from(origin: &str, host: &str) -> bool {
    passes(of_client("POST /", &[("origin", origin), ("host", host)])).await
}

// S30: same-origin passes, anything else is blocked by default.
#[tokio::test]
async fn a_page_of_the_server_itself_passes() {
    let cases = [
        ("http://a.example", "a.example", true),
        ("http://A.example", "a.EXAMPLE", true),
        ("http://a.example:80", "a.example", true),
        ("http://a.example", "a.example:80", true),
        ("http://[::1]:3000", "[0:0::1]:3000", true),
        (
            "http://xn--bcher-kva.example",
            "xn--bcher-kva.example",
            true,
        ),
        ("http://a.example:3000", "a.example", false),
        ("http://a.example", "a.example:3000", false),
        ("https://a.example", "a.example", false),
        ("https://a.example", "a.example:443", false),
        ("http://a.example.evil", "a.example", false),
        ("http://evil/a.example", "a.example", false),
    ];
    for (origin, host, expected) in cases {
        assert_eq!(passes_from(origin, host).await, expected, "{origin} {host}");
    }
}

// S32: the list, each entry whole; an absent Origin is allowed.
#[tokio::test]
async fn pages_of_the_list_pass_and_their_likes_do_not() {
    for origin in [
        "https://app.example.com",
        "http://localhost:5173",
        "vscode-webview://panel",
    ] {
        assert!(passes_from(origin, "api.example").await, "{origin}");
    }
    for origin in [
        "https://app.example.com.evil",
        "https://evil-app.example.com",
        "http://app.example.com",
        "https://app.example.com:444",
        "http://localhost",
        "https://app.example.com/",
        "null",
        "NULL",
        "",
        "*",
        "app.example.com",
        "https://app.example.com https://evil",
        "https://app.example.com, https://evil",
        "file://",
        "https://\u{e4}",
    ] {
        assert!(!passes_from(origin, "api.example").await, "{origin:?}");
    }
    assert!(passes(of_client("POST /", &[("host", "api.example")])).await);
}

#[tokio::test]
async fn several_origins_are_refused_even_if_each_is_allowed() {
    let twice = [
        ("origin", "https://app.example.com"),
        ("origin", "https://app.example.com"),
    ];
    assert!(!passes(of_client("POST /", &twice)).await);
}

#[tokio::test]
async fn without_an_origin_a_cross_site_fetch_is_refused() {
    for (site, expected) in [
        ("cross-site", false),
        ("Cross-Site", false),
        ("same-site", true),
        ("same-origin", true),
        ("none", true),
    ] {
        assert_eq!(
            passes(of_client("GET /", &[("sec-fetch-site", site)])).await,
            expected,
            "{site}"
        );
    }
    // A page of the list is cross-site by nature.
    let allowed = [
        ("origin", "https://app.example.com"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert!(passes(of_client("POST /", &allowed)).await);
}

// S25, S30: behind a trusted proxy the client's scheme and host are those that it used.
#[tokio::test]
async fn same_origin_behind_a_proxy_is_what_the_browser_sees() {
    let cases = [
        ("10.0.0.1:9", "https://api.example", true),
        ("10.0.0.1:9", "http://api.example", false),
        ("10.0.0.1:9", "https://inner", false),
        ("192.0.2.1:9", "https://api.example", false),
        ("192.0.2.1:9", "http://inner:3000", true),
    ];
    for (peer, origin, expected) in cases {
        let headers = [
            ("origin", origin),
            ("host", "inner:3000"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "api.example"),
        ];
        let mut request = request("POST /", peer, &headers);
        let proxies = ClientAddr::new(TrustedProxies::parse("10.0.0.1").unwrap());
        let peer = *request.extensions().get().unwrap();
        let client: Client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(client);
        assert_eq!(passes(request).await, expected, "{origin}");
    }
}

#[tokio::test]
async fn the_authority_of_http2_counts_as_the_host() {
    let same = [("origin", "http://a.example:3000")];
    assert!(passes(of_client("POST http://a.example:3000/x", &same)).await);
    assert!(!passes(of_client("POST http://b.example:3000/x", &same)).await);
}

#[tokio::test]
async fn no_random_text_passes_for_an_origin_of_the_list() {
    let mut random = Random::new(32);
    for _ in 0..3_000 {
        let mut text = String::from("https://app.example.com");
        for _ in 0..=random.below(3) {
            let at = random.below(text.len() + 1);
            let letters = ['.', ':', '/', '@', 'x', '0', ' ', '-', '#', '%', ',', '['];
            text.insert(at, *random.pick(&letters));
        }
        // A colon with no port, or a port with noughts before it, is the same origin.
        let plain = text.trim_end_matches(':');
        if plain != "https://app.example.com" {
            assert!(!passes_from(&text, "api.example").await, "{text:?}");
        }
    }
}

#[test]
fn an_origin_that_can_be_read_is_written_so_that_it_reads_back() {
    let mut random = Random::new(33);
    let alphabet = b"ahtps:/.[]019-+@%";
    let mut read = 0;
    for _ in 0..100_000 {
        let mut text =
            String::from(*random.pick(&["", "http://", "https://", "x://", "http://[::"]));
        for _ in 0..random.below(8) {
            text.push(char::from(*random.pick(alphabet)));
        }
        if let Ok(origin) = text.parse::<Origin>() {
            assert_eq!(origin.to_string().parse(), Ok(origin), "{text:?}");
            read += 1;
        }
    }
    assert!(read > 1_000, "only {read} could be read");
}
