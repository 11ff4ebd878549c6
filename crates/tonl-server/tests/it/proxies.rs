//! Who the client is when a proxy stands between (S23, S25).

use crate::client::Answer;
use crate::order::once;
use crate::server::TestServer;
use tonl_layers::client_addr::TrustedProxies;

async fn forwarded(server: &TestServer, lines: &[&str]) -> Answer {
    let mut headers = String::new();
    for line in lines {
        headers.push_str("x-forwarded-for: ");
        headers.push_str(line);
        headers.push_str("\r\n");
    }
    server.post("/stream/convert", &headers, b"{}").await
}

// S23, S25
#[tokio::test]
async fn a_chain_that_nobody_vouches_for_changes_nothing() {
    let server = TestServer::with(|setup| setup.app.rate_limit = Some(once()));
    assert_eq!(forwarded(&server, &["198.51.100.1"]).await.status, 200);
    for chain in [
        "198.51.100.2",
        "198.51.100.3, 198.51.100.4",
        "::1",
        "nonsense",
    ] {
        assert_eq!(forwarded(&server, &[chain]).await.status, 429, "{chain}");
    }
}

// S23, S25
#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_share() {
    let server = TestServer::with(|setup| {
        setup.app.rate_limit = Some(once());
        setup.app.proxies = TrustedProxies::parse("loopback,10.0.0.0/8").unwrap();
    });
    for (lines, status) in [
        (&["198.51.100.1"][..], 200),
        (&["198.51.100.1"], 429),
        (&["198.51.100.2"], 200),
        // What a client puts in front is its own word; the last hop that is not ours counts.
        (&["203.0.113.9, 198.51.100.2"], 429),
        (&["203.0.113.9", "198.51.100.2"], 429),
        (&["198.51.100.2, 10.1.2.3"], 429),
        (&["203.0.113.9, 10.1.2.3"], 200),
        // One /64 is one client.
        (&["2001:db8:1:2::1"], 200),
        (&["2001:db8:1:2:ffff::9"], 429),
        (&["2001:db8:1:3::1"], 200),
    ] {
        assert_eq!(forwarded(&server, lines).await.status, status, "{lines:?}");
    }
}

// S20
#[tokio::test]
async fn a_hundred_pass_and_no_more_however_many_ask_at_once() {
    let server = TestServer::start();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..120 {
        let addr = server.addr;
        asking.spawn(async move {
            let mut client = crate::client::Client::connect(addr).await;
            let answer = client.post("/stream/convert", "", b"{}").await;
            (
                answer.status,
                answer.header("ratelimit-remaining").unwrap().to_owned(),
            )
        });
    }
    let answers = asking.join_all().await;
    let passed: Vec<_> = answers
        .iter()
        .filter(|(status, _)| *status == 200)
        .collect();
    assert_eq!(passed.len(), 100);
    let refused = answers.iter().filter(|(status, _)| *status == 429);
    assert_eq!(refused.count(), 20);
    let mut remaining: Vec<u32> = passed.iter().map(|(_, it)| it.parse().unwrap()).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..100).collect::<Vec<_>>());
}
