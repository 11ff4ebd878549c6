//! Calls of tools over MCP: arguments that are far larger in memory than on the wire.

use super::attack::{Attack, attacker, plain};
use super::client::{self, Answer};
use super::payload::{self, LARGE};
use super::server::{Server, TOKEN};
use anyhow::{Result, ensure};
use std::io::Write;

pub(super) const ATTACKS: &[Attack] = &[
    plain("MCP: 48 MiB of []", small_arrays),
    plain("MCP: 48 MiB beside the arguments", beside_arguments),
    plain("MCP: a million one-letter", one_letter),
];

/// What surrounds arguments in a message that stands for itself.
const BEFORE: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"convert_to_tonl","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}},"#;

/// Calls `convert_to_tonl`; the text follows the last member of its parameters.
fn call(server: &Server, rest: &[u8]) -> Result<Answer> {
    let length = BEFORE.len() + rest.len();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: convert_to_tonl\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    client::exchange(&server.connect(attacker(0))?, move |to| {
        to.write_all(head.as_bytes())?;
        to.write_all(BEFORE)?;
        to.write_all(rest)
    })
}

fn small_arrays(server: &Server) -> Result<String> {
    let data = payload::array_of_arrays(LARGE);
    let answer = call(
        server,
        &[b"\"arguments\":{\"data\":", &data[..], b"}}}"].concat(),
    )?;
    let status = answer.expect(&[200])?;
    let text = answer.text();
    ensure!(text.contains("at most 2000000 values"), "it was taken");
    Ok(format!(
        "{status} in {:.1} s, refused with its limit",
        answer.took.as_secs_f64()
    ))
}

fn beside_arguments(server: &Server) -> Result<String> {
    let data = payload::array_of_arrays(LARGE);
    call(server, &[b"\"more\":", &data[..], b"}}"].concat())?.expect(&[400])
}

fn one_letter(server: &Server) -> Result<String> {
    let word = payload::repeated(b"a", 1_000_000);
    let rest = [b"\"arguments\":{\"data\":\"", &word[..], b"\"}}}"].concat();
    let answer = call(server, &rest)?;
    let status = answer.expect(&[200])?;
    ensure!(
        answer.text().contains("savingsPercent"),
        "it was not counted"
    );
    Ok(format!(
        "{status} in {:.1} s, counted",
        answer.took.as_secs_f64()
    ))
}
