//! What is printed for each client.

use super::{CLIENTS, mcp};
use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const URL: &str = "https://tonl.example.com";

#[test]
fn every_client_gets_its_own_form_for_a_process() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for (client, ..) in CLIENTS {
        all.push_str(&format!(
            "{client}\n{}\n",
            mcp(&sandbox, &["config", client])
        ));
    }
    assert_snapshot!(all);
}

#[test]
fn every_client_gets_its_own_form_for_a_server() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for (client, ..) in CLIENTS {
        let outcome = mcp(&sandbox, &["config", client, "--http", URL]);
        all.push_str(&format!("{client}\n{outcome}\n"));
    }
    assert_snapshot!(all);
}

#[test]
fn without_a_client_the_form_is_the_one_that_most_clients_know() {
    let sandbox = Sandbox::new();
    assert_snapshot!(mcp(&sandbox, &["config"]), @"");
    assert_snapshot!(mcp(&sandbox, &["config", "--http", "http://10.0.0.7:3000/"]), @"");
}

#[test]
fn an_address_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    assert_snapshot!(mcp(&sandbox, &["config", "zed", "--http", "tonl.example.com"]), @"");
    assert_snapshot!(mcp(&sandbox, &["config", "zed", "--http", "https://ann:secret@tonl.example.com"]), @"");
    assert_snapshot!(mcp(&sandbox, &["config", "emacs"]), @"");
}
