//! What TONL saves for one input, and for several together.
//!
//! Nothing is written: both texts are counted while they are made, in constant memory.

use crate::cost::currency::Exchange;
use crate::cost::recommendation::Recommendation;
use crate::cost::{Cost, USUAL_QUERIES, YEAR_DAYS};
use tonl_convert::{Format, Input, Job, tokens};
use tonl_tokens::{Baseline, Model, Savings};

/// What is known about one input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Analysis {
    /// The input's name.
    pub(crate) file: String,
    /// Its format.
    pub(crate) format: Format,
    /// Its records, if it is a list.
    pub(crate) records: Option<u64>,
    /// What TONL saves.
    pub(crate) savings: Savings,
    /// What its reader has to say.
    pub(crate) warnings: Vec<String>,
}

impl Analysis {
    /// Counts the baseline and what `job`, which writes TONL, would write.
    ///
    /// # Errors
    /// As [`tonl_convert::convert`].
    pub(crate) fn of(
        input: &Input,
        job: &Job,
        model: &'static Model,
        baseline: Baseline,
    ) -> tonl_convert::Result<Self> {
        let encoding = model.encoding();
        let original = match baseline {
            Baseline::AsGiven => tokens::count_as_given(input, encoding)?,
            _ => tokens::count_compact_json(input, job, encoding)?,
        };
        let counted = tokens::count(input, job, encoding)?;
        Ok(Self {
            file: input.name().to_owned(),
            format: job.from,
            records: counted.report.records,
            savings: Savings::new(model, baseline, original, counted.tokens),
            warnings: counted.report.warnings,
        })
    }
}

/// Several analyses by one model, and the currency in which they are told.
#[derive(Clone, Debug)]
pub(crate) struct Analyses {
    /// One for each input that could be read.
    pub(crate) files: Vec<Analysis>,
    /// The model that counted.
    pub(crate) model: &'static Model,
    /// What the savings are measured against.
    pub(crate) baseline: Baseline,
    /// The currency of all amounts.
    pub(crate) exchange: Exchange,
}

impl Analyses {
    /// What is saved with all inputs together; a request is then one of each.
    pub(crate) fn total(&self) -> Savings {
        let sum = |of: fn(&Savings) -> u64| {
            let tokens = self.files.iter().map(|file| of(&file.savings));
            tokens.fold(0, u64::saturating_add)
        };
        Savings::of_tokens(
            self.model,
            self.baseline,
            sum(|savings| savings.original_tokens),
            sum(|savings| savings.compressed_tokens),
        )
    }

    /// How the tokens were counted, against what, and at which rate amounts were exchanged.
    pub(crate) fn notes(&self) -> Vec<String> {
        let price = &self.model.price;
        let counted = format!(
            "{} for {}, counted by {}",
            self.model.method().name(),
            self.model.name,
            self.model.counted_by()
        );
        let against = match self.baseline {
            Baseline::AsGiven => "the text as it was given",
            _ => "the same data as JSON without white space",
        };
        let price = format!(
            "{} of {}",
            price.source.split('/').next().unwrap_or(price.source),
            price.date
        );
        let mut notes = vec![
            format!("tokens: {counted}"),
            format!("measured against {against}"),
            format!("costs of input tokens by the list price of {price}"),
        ];
        notes.extend(self.exchange.note());
        notes
    }

    /// What the baseline's column is called.
    pub(crate) fn original_heading(&self) -> &'static str {
        match self.baseline {
            Baseline::AsGiven => "as given",
            _ => "JSON",
        }
    }
}

/// What a saving is worth in a year at the usual number of queries a day, in US dollars.
pub(crate) fn annual(savings: &Savings) -> f64 {
    Cost::of(savings).times(USUAL_QUERIES * YEAR_DAYS).saved()
}

/// The advice for a saving.
pub(crate) fn advice(savings: &Savings) -> Recommendation {
    Recommendation::of(savings.percent())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Analyses with these names and tokens before and after.
    pub(crate) fn analyses(files: &[(&str, u64, u64)]) -> Analyses {
        let (model, baseline) = (Model::default_model(), Baseline::default());
        let one = |(file, before, after): &(&str, u64, u64)| Analysis {
            file: (*file).to_owned(),
            format: Format::Json,
            records: Some(3),
            savings: Savings::of_tokens(model, baseline, *before, *after),
            warnings: Vec::new(),
        };
        Analyses {
            files: files.iter().map(one).collect(),
            model,
            baseline,
            exchange: Exchange::new("USD", None).unwrap(),
        }
    }

    #[test]
    fn the_total_is_that_of_all_tokens() {
        let total = analyses(&[("a", 100, 50), ("b", 300, 310)]).total();
        assert_eq!((total.original_tokens, total.compressed_tokens), (400, 360));
        assert_eq!(advice(&total), Recommendation::Use);
        assert_eq!(analyses(&[]).total().original_tokens, 0);
    }

    #[test]
    fn a_baseline_is_compact_json_or_the_text_as_it_is() {
        let text = "[\n  {\"id\": 1},\n  {\"id\": 2}\n]";
        let input = Input::from_bytes("a.json", text.as_bytes());
        let job = Job::new(Format::Json, Format::Tonl);
        let model = Model::default_model();
        let original = |baseline| {
            let analysis = Analysis::of(&input, &job, model, baseline).unwrap();
            assert_eq!(analysis.records, Some(2));
            analysis.savings.original_tokens
        };
        assert_eq!(original(Baseline::AsGiven), model.count(text).tokens);
        let compact = model.count("[{\"id\":1},{\"id\":2}]").tokens;
        assert_eq!(original(Baseline::CompactJson), compact);
    }
}
