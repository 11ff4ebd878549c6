//! Which pages may read answers.

use crate::exchange::{ask, lines, of_client};
use std::time::Duration;
use tonl_layers::cors::{Config, Cors, Credentials};
use tonl_layers::host::{AllowedHosts, HostGuard};
use tonl_layers::origin::AllowedOrigins;
use tonl_layers::{Refusal, Refused};

const APP: &str = "https://app.example.com";

fn config() -> Config {
    let list = "https://app.example.com, https://dashboard.example.com";
    Config::new(AllowedOrigins::parse(list).unwrap())
}

fn preflight(origin: &str) -> http::Request<()> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
        ("access-control-request-private-network", "true"),
    ];
    of_client("OPTIONS /any/path", &headers)
}

// S31, S33: a preflight is answered without credentials, on any path.
#[tokio::test]
async fn a_preflight_of_an_allowed_origin_is_answered_here() {
    let response = ask(Cors::new(config()), preflight(APP)).await;
    assert_eq!(response.status(), 204);
    assert!(response.body().is_empty());
    let expected = [
        ("access-control-allow-origin", APP),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, DELETE"),
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, \
             Mcp-Name, Last-Event-ID",
        ),
        ("access-control-max-age", "600"),
        ("vary", "Origin"),
    ];
    for (name, value) in expected {
        assert_eq!(lines(&response, name), [value], "{name}");
    }
    assert_eq!(response.headers().len(), expected.len());
}

// S32, S33: others are refused, and no header allows anything.
#[tokio::test]
async fn a_preflight_of_any_other_origin_is_refused() {
    for origin in [
        "https://evil.example",
        "null",
        "",
        "https://app.example.com.evil",
    ] {
        let response = ask(Cors::new(config()), preflight(origin)).await;
        assert_eq!(response.status(), 403, "{origin:?}");
        assert_eq!(response.body(), r#"{"error":"Not allowed by CORS"}"#);
        assert_eq!(lines(&response, "vary"), ["Origin"]);
        let mut names = response.headers().keys();
        assert!(!names.any(|name| name.as_str().starts_with("access-control-")));
        let refused = response.extensions().get::<Refused>().unwrap();
        assert_eq!(refused.reason, Refusal::OriginNotAllowed);
    }
    let mut two = preflight(APP);
    two.headers_mut().append("origin", APP.parse().unwrap());
    assert_eq!(ask(Cors::new(config()), two).await.status(), 403);
}

// S31, S32: whatever the answer's status, the page may read it.
#[tokio::test]
async fn answers_of_every_status_can_be_read_by_an_allowed_page() {
    for origin in [
        APP,
        "https://dashboard.example.com",
        "https://APP.example.com:443",
    ] {
        for status in ["200", "401", "403", "413", "429", "500"] {
            let headers = [("origin", origin), ("x-status", status)];
            let response = ask(Cors::new(config()), of_client("POST /", &headers)).await;
            assert_eq!(response.status().as_str(), status);
            assert_eq!(lines(&response, "access-control-allow-origin"), [origin]);
            assert_eq!(
                lines(&response, "access-control-allow-credentials"),
                ["true"]
            );
            let exposed = "RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, \
                           Retry-After, X-Collection-Name, X-Request-ID, Mcp-Session-Id";
            assert_eq!(lines(&response, "access-control-expose-headers"), [exposed]);
            assert_eq!(lines(&response, "vary"), ["Origin"]);
        }
    }
}

#[tokio::test]
async fn answers_to_others_allow_nothing_and_vary_by_origin_all_the_same() {
    let others: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", APP), ("origin", "https://evil.example")],
    ];
    for headers in others {
        let response = ask(Cors::new(config()), of_client("GET /", headers)).await;
        assert_eq!(response.body(), "reached");
        assert_eq!(response.headers().len(), 1, "{headers:?}");
        assert_eq!(lines(&response, "vary"), ["Origin"]);
    }
}

#[tokio::test]
async fn vary_is_added_to_what_a_route_set_and_never_twice() {
    let set = |vary| [("x-set", vary)];
    let response = ask(
        Cors::new(config()),
        of_client("GET /", &set("vary: Accept")),
    )
    .await;
    assert_eq!(lines(&response, "vary"), ["Accept", "Origin"]);
    let response = ask(
        Cors::new(config()),
        of_client("GET /", &set("vary: Accept, origin")),
    )
    .await;
    assert_eq!(lines(&response, "vary"), ["Accept, origin"]);
}

#[tokio::test]
async fn an_options_request_that_is_no_preflight_reaches_the_route() {
    let response = ask(
        Cors::new(config()),
        of_client("OPTIONS /", &[("origin", APP)]),
    )
    .await;
    assert_eq!(response.body(), "reached");
    let headers = [("access-control-request-method", "POST")];
    let response = ask(Cors::new(config()), of_client("OPTIONS /", &headers)).await;
    assert_eq!(response.body(), "reached");
}

// S31: credentials, methods, headers are settings.
#[tokio::test]
async fn every_setting_shows_in_a_preflight() {
    let config = config()
        .with_credentials(Credentials::Withheld)
        .with_methods("GET,POST")
        .unwrap()
        .with_headers("Authorization,Content-Type")
        .unwrap()
        .with_exposed("X-Request-ID")
        .unwrap()
        .with_max_age(Duration::from_secs(5));
    let response = ask(Cors::new(config.clone()), preflight(APP)).await;
    assert_eq!(
        lines(&response, "access-control-allow-methods"),
        ["GET, POST"]
    );
    assert_eq!(
        lines(&response, "access-control-allow-headers"),
        ["Authorization, Content-Type"]
    );
    assert_eq!(lines(&response, "access-control-max-age"), ["5"]);
    assert!(lines(&response, "access-control-allow-credentials").is_empty());
    let response = ask(Cors::new(config), of_client("GET /", &[("origin", APP)])).await;
    assert_eq!(
        lines(&response, "access-control-expose-headers"),
        ["X-Request-ID"]
    );
}

// S30, S33: a page that turned its name to this server gets no word of permission either.
#[tokio::test]
async fn a_preflight_for_a_host_that_is_not_allowed_is_refused() {
    let hosts = AllowedHosts::parse([127, 0, 0, 1].into(), "api.example.com").unwrap();
    let cors = Cors::new(config()).under_names(HostGuard::new(hosts));
    for (host, status) in [
        ("api.example.com", 204),
        ("localhost:3000", 204),
        ("evil.example", 403),
    ] {
        let mut request = preflight(APP);
        let value = host.parse().unwrap();
        request.headers_mut().insert("host", value);
        let response = ask(cors.clone(), request).await;
        assert_eq!(response.status(), status, "{host}");
        assert_eq!(lines(&response, "vary"), ["Origin"]);
        let refused = response.extensions().get::<Refused>();
        let reason = refused.map(|refused| refused.reason);
        assert_eq!(
            reason,
            (status == 403).then_some(Refusal::HostNotAllowed),
            "{host}"
        );
        let mut names = response.headers().keys();
        let allows = names.any(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(allows, status == 204, "{host}");
    }
}
