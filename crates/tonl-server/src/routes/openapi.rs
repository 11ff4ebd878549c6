//! `/openapi.json`: the description of this interface.

use crate::respond;
use axum::body::Body;
use http::Response;

const TEXT: &str = include_str!("openapi.json");

/// The answer of `/openapi.json`.
pub(crate) fn openapi() -> Response<Body> {
    respond::text(Some("application/json; charset=utf-8"), TEXT)
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, root::VERSION};
    use super::TEXT;
    use serde_json::Value;

    #[test]
    fn it_describes_every_route_and_this_version() {
        let description: Value = serde_json::from_str(TEXT).unwrap();
        let paths = description["paths"].as_object().unwrap();
        for route in ALL {
            assert!(paths.contains_key(route), "{route}");
        }
        assert_eq!(paths.len(), ALL.len());
        assert_eq!(description["info"]["version"], VERSION);
    }
}
