//! A conversation whose messages somebody else carries: they come through a channel and leave through
//! another one, which holds answers back when nobody takes them.

use crate::Caller;
use crate::message::{Malformed, Parts};
use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, GetExtensions, JsonRpcMessage};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use std::future::Future;
use tokio::sync::mpsc;

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other end is gone")]
pub(crate) struct Gone;

/// A message that was read, and who sent it. It is boxed because a channel keeps room for dozens, in each
/// of thousands of sessions that say nothing.
#[derive(Clone, Debug)]
pub struct Incoming(Box<ClientJsonRpcMessage>);

impl Incoming {
    /// Reads a message, in the parts that its server takes.
    ///
    /// # Errors
    /// Why it is no message of the protocol.
    pub fn read(parts: Parts, caller: Caller) -> Result<Self, Malformed> {
        let read: Result<ClientJsonRpcMessage, _> = serde_json::from_slice(&parts.message);
        let mut message = read.map_err(|error| Malformed::NotAMessage(error.to_string()))?;
        match &mut message {
            JsonRpcMessage::Request(request) => {
                let extensions = request.request.extensions_mut();
                extensions.insert(caller);
                if let Some(arguments) = parts.arguments {
                    extensions.insert(arguments);
                }
            }
            JsonRpcMessage::Notification(notification) => {
                notification.notification.extensions_mut().insert(caller);
            }
            _ => {}
        }
        Ok(Self(Box::new(message)))
    }
}

/// One end of a conversation, for the SDK.
pub(crate) struct Conversation {
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    pub(crate) outlet: mpsc::Sender<String>,
}

impl Transport<RoleServer> for Conversation {
    type Error = Gone;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Gone>> + Send + 'static {
        // What cannot be written as JSON does not exist among the SDK's messages.
        let text = serde_json::to_string(&message).map_err(|_| Gone);
        let outlet = self.outlet.clone();
        async move { outlet.send(text?).await.map_err(|_| Gone) }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        self.incoming.recv().await.map(|incoming| *incoming.0)
    }

    async fn close(&mut self) -> Result<(), Gone> {
        self.incoming.close();
        Ok(())
    }
}
