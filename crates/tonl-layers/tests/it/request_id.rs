//! Ids of requests: kept where they are harmless, fresh otherwise.

use crate::exchange::{ask, found, lines, of_client};
use tonl_layers::request_id::{RequestId, RequestIds};

fn ids() -> RequestIds {
    RequestIds::with_key(1, 2)
}

// S29: a valid inbound id is kept.
#[tokio::test]
async fn a_valid_inbound_id_is_kept_and_answered() {
    let long = "a".repeat(128);
    for id in ["a", "A-z_0.9", &long] {
        let request = of_client("GET /", &[("x-request-id", id)]);
        let found: RequestId = found(ids(), request.clone()).await.unwrap();
        assert_eq!(found.as_str(), id);
        assert_eq!(lines(&ask(ids(), request).await, "x-request-id"), [id]);
    }
}

// S29, S62: whatever could harm a log is replaced.
#[tokio::test]
async fn any_other_id_is_replaced_by_a_fresh_one() {
    let long = "a".repeat(129);
    for id in [
        "",
        " ",
        "a b",
        "a,b",
        "a/b",
        "\u{e4}",
        "a\u{202e}b",
        "a\tb",
        "${x}",
        &long,
    ] {
        let response = ask(ids(), of_client("GET /", &[("x-request-id", id)])).await;
        let fresh = lines(&response, "x-request-id");
        assert_eq!(fresh.len(), 1);
        assert_eq!(fresh[0].len(), 36, "{id:?} became {fresh:?}");
    }
    let two = of_client("GET /", &[("x-request-id", "a"), ("x-request-id", "a")]);
    assert_eq!(lines(&ask(ids(), two).await, "x-request-id")[0].len(), 36);
}

#[tokio::test]
async fn every_answer_has_the_id_once_also_if_a_route_set_another() {
    for status in ["200", "401", "404", "500"] {
        let headers = [
            ("x-status", status),
            ("x-set", "x-request-id: other"),
            ("x-request-id", "a"),
        ];
        let response = ask(ids(), of_client("GET /", &headers)).await;
        assert_eq!(response.status().as_str(), status);
        assert_eq!(lines(&response, "x-request-id"), ["a"]);
    }
}

#[test]
fn an_id_is_shown_as_its_text() {
    let request = of_client("GET /", &[("x-request-id", "a-1")]);
    let (mut head, ()) = request.into_parts();
    tonl_layers::Defence::check(&ids(), &mut head);
    let id = head.extensions.get::<RequestId>().unwrap();
    assert_eq!(id.to_string(), "a-1");
    assert_eq!(format!("{id:?}"), "RequestId(\"a-1\")");
}
