//! The result of `convert_to_tonl` in each form.

use super::super::{counting, figures};
use crate::config::{Structured, TextForm, ToolConfig};
use crate::json;
use crate::outcome::{Failure, ToolResult};
use crate::preview::Rest;
use crate::resources::TONL_TYPE;
use crate::toolbox::Around;
use serde_json::{Map, Value, json};
use tonl_convert::Report;
use tonl_convert::counting::{Model, Savings};
use tonl_convert::privacy::Findings;

/// What is answered.
pub(super) struct Answer {
    pub(super) tonl: String,
    pub(super) savings: Option<Savings>,
    pub(super) report: Report,
}

impl Answer {
    /// Leaves the beginning of a text that is too large to send, and keeps all of it.
    pub(super) fn shorten(
        &mut self,
        around: Around<'_>,
        model: &Model,
    ) -> Result<Option<Rest>, Failure> {
        let budget = around.config.budget;
        if !budget.is_passed(&self.tonl, model, around.work)? {
            return Ok(None);
        }
        let rest = Rest::keep(around.results, around.identity, TONL_TYPE, &self.tonl)?;
        let beginning = budget.beginning(&self.tonl, model, around.work)?;
        self.tonl.truncate(beginning.len());
        Ok(Some(rest))
    }

    pub(super) fn shown(
        self,
        config: &ToolConfig,
        form: TextForm,
        rest: Option<&Rest>,
    ) -> ToolResult {
        let stats = self
            .savings
            .as_ref()
            .map(|savings| Value::Object(figures(savings)));
        let mut meta = Map::new();
        if let Some(savings) = &self.savings {
            meta.insert("counting".to_owned(), counting(savings));
        }
        if let Some(findings) = &self.report.privacy {
            meta.insert("privacy".to_owned(), hidden(findings));
        }
        let linked = rest.map(|rest| rest.content(&self.tonl, form));
        let mut members = Map::new();
        members.insert("tonl".to_owned(), self.tonl.clone().into());
        if let Some(stats) = &stats {
            members.insert("stats".to_owned(), stats.clone());
        }
        if let Some(rest) = rest {
            members.insert("preview".to_owned(), rest.shown(&self.tonl));
        }
        let value = Value::Object(members);
        let text = match form {
            TextForm::Json => json::pretty(&value),
            TextForm::Tonl => {
                if let Some(stats) = stats {
                    meta.insert("stats".to_owned(), stats);
                }
                self.tonl
            }
        };
        let structured = (config.structured == Structured::With).then_some(value);
        let mut result = ToolResult::done(text, structured);
        result.content.extend(linked.into_iter().flatten());
        result.meta = meta;
        result
    }
}

/// How often each rule hid something; never a value.
fn hidden(findings: &Findings) -> Value {
    let hits = findings.hits().map(|hits| {
        json!({ "rule": hits.origin.to_string(), "mode": hits.mode.to_string(), "count": hits.count })
    });
    Value::Array(hits.collect())
}
