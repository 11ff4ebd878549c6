//! The suite's prompts, and completions of their arguments.

use crate::content::{embedded, image, model, text};
use crate::{requests, rounds};
use serde_json::{Value, json};
use tonl_mcp::rmcp::ErrorData;
use tonl_mcp::rmcp::model::{
    CompleteRequestParams, CompleteResult, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, Prompt, Reference,
};

/// Names, descriptions, and arguments, which are all required.
const PROMPTS: [(&str, &str, &[&str]); 5] = [
    ("test_simple_prompt", "A prompt without arguments", &[]),
    (
        "test_prompt_with_arguments",
        "A prompt with arguments",
        &["arg1", "arg2"],
    ),
    (
        "test_prompt_with_embedded_resource",
        "A prompt with a resource",
        &["resourceUri"],
    ),
    ("test_prompt_with_image", "A prompt with a picture", &[]),
    (
        "test_input_required_result_prompt",
        "A prompt that asks first",
        &[],
    ),
];

/// Words that arguments are completed to.
const WORDS: [&str; 4] = ["paris", "park", "party", "test"];

/// The prompts that are listed.
pub(crate) fn all() -> Result<Vec<Prompt>, ErrorData> {
    let prompts = PROMPTS.map(|(name, description, arguments)| {
        let argument = |name: &&str| {
            json!({ "name": name, "description": format!("The value of {name}"), "required": true })
        };
        let arguments: Vec<Value> = arguments.iter().map(argument).collect();
        json!({ "name": name, "description": description, "arguments": arguments })
    });
    model(json!(prompts))
}

/// Fills in a prompt.
pub(crate) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let contents = match request.name.as_str() {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (first, second) = (argument(request, "arg1")?, argument(request, "arg2")?);
            let filled = format!("Prompt with arguments: arg1='{first}', arg2='{second}'");
            vec![text(&filled)]
        }
        "test_prompt_with_embedded_resource" => {
            let uri = argument(request, "resourceUri")?;
            let resource = "Embedded resource content for testing.";
            vec![
                embedded(uri, "text/plain", resource),
                text("Please process the embedded resource above."),
            ]
        }
        "test_prompt_with_image" => vec![image(), text("Please analyze the image above.")],
        "test_input_required_result_prompt" => return with_context(request),
        other => {
            let message = format!("unknown prompt: {other}");
            return Err(ErrorData::invalid_params(message, None));
        }
    };
    filled(contents)
}

/// A prompt that needs the user's word first.
fn with_context(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let responses = request.input_responses.as_ref();
    if let Some(context) = rounds::accepted(responses, "user_context", "context") {
        return filled(vec![text(&format!("The context is: {context}"))]);
    }
    let schema = json!({ "context": { "type": "string" } });
    let question = requests::elicitation("What context should the prompt use?", &schema);
    rounds::ask(json!({ "user_context": question }), None).map(Into::into)
}

fn filled(contents: Vec<Value>) -> Result<GetPromptResponse, ErrorData> {
    let message = |content| json!({ "role": "user", "content": content });
    let messages: Vec<Value> = contents.into_iter().map(message).collect();
    Ok(GetPromptResult::new(model(json!(messages))?).into())
}

fn argument<'a>(request: &'a GetPromptRequestParams, name: &str) -> Result<&'a str, ErrorData> {
    let given = request.arguments.as_ref().and_then(|all| all.get(name));
    given.and_then(Value::as_str).ok_or_else(|| {
        ErrorData::invalid_params(format!("the argument {name} must be a string"), None)
    })
}

/// Completes the argument of a prompt.
pub(crate) fn complete(request: &CompleteRequestParams) -> Result<CompleteResult, ErrorData> {
    let is_known = match &request.r#ref {
        Reference::Prompt(prompt) => PROMPTS.iter().any(|(name, ..)| *name == prompt.name),
        _ => true,
    };
    if !is_known {
        return Err(ErrorData::invalid_params("unknown prompt", None));
    }
    let begun = &request.argument.value;
    let words: Vec<&str> = WORDS
        .into_iter()
        .filter(|word| word.starts_with(begun))
        .collect();
    let completion = json!({ "values": words, "total": words.len(), "hasMore": false });
    Ok(CompleteResult::new(model(completion)?))
}
