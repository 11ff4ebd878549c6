//! Calls in the metrics: which operation, how many bytes, how long, how it ended.

use crate::arguments::Given;
use crate::outcome::{Content, Outcome, ToolResult};
use std::time::Instant;
use tonl_convert::counting::Savings;
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{ConversionFailed, Converted, ErrorType, Operation, TokensSaved};

/// A call that runs.
pub(super) struct Running {
    telemetry: Telemetry,
    operation: Option<Operation>,
    bytes_in: u64,
    began: Instant,
}

impl Running {
    pub(super) fn new(telemetry: &Telemetry, tool: &str, arguments: &Given) -> Self {
        let operation = match tool {
            "convert_to_tonl" => Some(Operation::JsonToTonl),
            "parse_tonl" => Some(Operation::TonlToJson),
            "calculate_savings" => Some(Operation::CalculateSavings),
            _ => None,
        };
        Self {
            telemetry: telemetry.clone(),
            bytes_in: operation.map_or(0, |_| arguments.bytes()),
            operation,
            began: Instant::now(),
        }
    }

    pub(super) fn ended(self, result: &ToolResult) {
        let Some(operation) = self.operation else {
            return;
        };
        let duration = self.began.elapsed();
        let kind = match result.outcome {
            Outcome::Done => {
                let texts = result.content.iter().filter_map(Content::as_text);
                self.telemetry.emit(Converted {
                    operation,
                    bytes_in: self.bytes_in,
                    bytes_out: texts.map(|text| text.len() as u64).sum(),
                    duration,
                });
                if let Some(savings) = &result.savings {
                    self.telemetry.emit(saved(savings));
                }
                return;
            }
            Outcome::InvalidArguments | Outcome::Failed => ErrorType::Validation,
            Outcome::Stopped(_) => ErrorType::Internal,
        };
        self.telemetry.emit(ConversionFailed {
            operation,
            kind,
            duration,
        });
    }
}

/// What a saving is worth at the model's price of input.
#[expect(clippy::cast_precision_loss, reason = "the metric of money is a float")]
fn saved(savings: &Savings) -> TokensSaved {
    TokensSaved {
        model: savings.model.name,
        original: savings.original_tokens,
        compressed: savings.compressed_tokens,
        usd: savings.saved_tokens() as f64 / 1e6 * savings.model.price.input,
    }
}
