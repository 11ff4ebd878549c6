use super::decode;
use crate::json;

fn reads(text: &str, expected: &str) {
    let value = decode(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(json::text(&value), expected, "{text:?}");
}

fn refuses(texts: &[&str]) {
    for text in texts {
        if let Ok(value) = decode(text) {
            panic!("{text:?} reads as {}", json::text(&value));
        }
    }
}

#[test]
fn reads_scalars_and_flow() {
    reads("data: 5\n", "5");
    reads("data: \"5\"\n", "\"5\"");
    reads("data: a,b{c}[d]: e", "\"a,b{c}[d]: e\"");
    reads(
        "data: {a:b:c,1:2,null:[x,{}]}\n",
        r#"{"a":"b:c","1":2,"null":["x",{}]}"#,
    );
    reads("\u{feff}\n \n", "[]");
}

#[test]
fn reads_tables_with_groups_and_tuples() {
    reads(
        "orders[2]{id:i32,customer{name:str,country:str},items[]{sku:str,qty:i32}}:\r\n  1, Ada, DE, [(A1,2),(B2,1)]\r\n  2, \"Bob, Jr.\",,[]\r\n",
        r#"[{"id":1,"customer":{"name":"Ada","country":"DE"},"items":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]},{"id":2,"customer":{"name":"Bob, Jr."},"items":[]}]"#,
    );
    reads(
        "d[1]{a,t[]{a,u[]{x}}}:\n 1,[(1,[(2),()]),(4,[]),(5,),(6,null)]\n",
        r#"[{"a":1,"t":[{"a":1,"u":[{"x":2},{}]},{"a":4,"u":[]},{"a":5},{"a":6,"u":null}]}]"#,
    );
    reads("d[1]{id,g{x,y}}:\n 1,,\n", r#"[{"id":1,"g":{}}]"#);
    reads("d[1]{v}:\n [(1,2)]\n", r#"[{"v":["(1","2)"]}]"#);
}

#[test]
fn reads_keyed_tables_blocks_and_lists() {
    reads(
        "d:\n m[3:]{s:str}:\n  null,iana\n  a,\n  * x/y:{o:1}\n n: 1\n l[2]: a, 2\n k[2]:\n  {}\n  a, b\n",
        r#"{"m":{"null":{"s":"iana"},"a":{},"x/y":{"o":1}},"n":1,"l":["a",2],"k":[{},"a, b"]}"#,
    );
    reads("#delimiter \\t\nd[1]{a\tb}:\n \t1\n# x\n\n", r#"[{"b":1}]"#);
}

#[test]
fn reads_streams_of_several_segments() {
    reads(
        "d[]{}:\n * 5\n# x\nd[|]{a|b}:\n 1|2\n#end 2\n# y\n",
        r#"[5,{"a":1,"b":2}]"#,
    );
    reads("d[]{}:\n#end 0\n", "[]");
    refuses(&[
        "d[]{a}:\n 1",
        "d[]{a}:\n 1\n#end 2\n",
        "d[]{a}:\n#end 0\nd[]{a}:\n",
    ]);
}

#[test]
fn refuses_what_the_grammar_does_not_allow() {
    refuses(&[
        "# only\n",
        "d[2]{a}:\n 1\n",
        "d[1]{a}:\n 1\n 2\n",
        "d[1]{a}:\n\n 1\n",
        "d[1]{a}:\n 1 \n",
        "d[1]{a:i32}:\n x\n",
        "d[1]{a,\"a\"}:\n 1,2\n",
        "d[01]{a}:\n 1\n",
        "d[1]{a}:\n         1\n",
        "d[1]{a}:\n\t1\n",
        "d: {a: 1}\n",
        "d: {a:1,a:2}\n",
        "d:\n",
        "d: \n",
        "d: \"\\ud800\"\n",
        "d: a\rb\n",
        "d[1]{t[]{a}}:\n [1]\n",
        "d[1]{a}:\n *{}\n",
        "d[1]{a}:\n * \n",
        "d[1:]{a}:\n k\n",
        "é: 1\n",
    ]);
}

#[test]
fn does_not_overflow_on_deep_text() {
    refuses(&[
        &format!("d: {}", "[".repeat(100_000)),
        &format!("d[0]{}", "{a".repeat(100_000)),
    ]);
}
