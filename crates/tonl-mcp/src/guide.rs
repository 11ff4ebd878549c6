//! What a model is told of TONL: once at the start, in a prompt, and at length.

/// What a client may tell its model at the start of a session; at most 200 tokens.
pub(crate) const INSTRUCTIONS: &str = "\
TONL is a text form of JSON for language models: a table states its keys once and has one line a \
record, so that lists of records take fewer tokens, and nothing is lost.\n\
- convert_to_tonl: before you pass on, quote or keep JSON records (about five or more). Its stats \
compare with compact JSON; if savings are negative, stay with JSON.\n\
- parse_tonl: to get JSON back, exactly.\n\
- calculate_savings: to compare two texts in tokens of a model.\n\
- validate_schema: to find records whose fields or types differ.\n\
The format is explained in tonl://format, the models are in tonl://models.";

/// What is told behind it where large results are kept.
pub(crate) const PAGES: &str = " Results that are too large come as their first lines with a link to \
tonl://result/...; read it page by page.";

/// What a model has to know to read TONL; at most 60 tokens.
pub(crate) const PRIMER: &str = "\
TONL is JSON as text. `name[N]{a,b{c}}:` heads a table: each line below is a record, its cells in \
column order, b an object. `[x,y]` array, `{k:v}` object, empty cell: no such key.";

/// All of it, with examples.
pub(crate) const FORMAT: &str = include_str!("guide.md");

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_convert::counting::Model;
    use tonl_convert::{Format, Input, Job, convert};

    fn tokens(text: &str) -> u64 {
        Model::default_model().count(text).tokens
    }

    #[test]
    fn what_is_told_unasked_is_short() {
        assert!(tokens(PRIMER) <= 60, "{}", tokens(PRIMER));
        let all = format!("{INSTRUCTIONS}{PAGES}");
        assert!(tokens(&all) <= 200, "{}", tokens(&all));
        assert!(tokens(FORMAT) <= 1_000, "{}", tokens(FORMAT));
    }

    #[test]
    fn the_examples_of_the_guide_read_as_it_says() {
        let mut blocks = FORMAT.split("```");
        let mut examples = 0;
        while let (Some(_), Some(tonl), Some(_), Some(json)) =
            (blocks.next(), blocks.next(), blocks.next(), blocks.next())
        {
            let tonl = tonl.strip_prefix("tonl\n").unwrap();
            let input = Input::from_bytes("guide", tonl.as_bytes());
            let mut out = Vec::new();
            convert(&input, &mut out, &Job::new(Format::Tonl, Format::Json)).unwrap();
            assert_eq!(format!("json\n{}", String::from_utf8(out).unwrap()), json);
            examples += 1;
        }
        assert_eq!(examples, 4);
    }
}
