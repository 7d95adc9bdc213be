"""One row a wire form: the XML inside `<value>`, the value, and whether encoding gives the same text back."""

from __future__ import annotations

from math import inf, nan

from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct, wire_type

EX = 'xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"'

# (name, inside of <value>, value, wire type, canonical)
VALUES = [
    ("string", "<string>guest002</string>", "guest002", "string", True),
    ("string empty", "<string></string>", "", "string", True),
    ("string empty tag", "<string/>", "", "string", False),
    ("string of blanks", "<string>  \t </string>", "  \t ", "string", True),
    ("string escaped", "<string>&lt;a &amp; b&gt;</string>", "<a & b>", "string", True),
    ("string quoted", "<string>\"'</string>", "\"'", "string", True),
    ("string beyond ASCII", "<string>café 中 🙂</string>", "café 中 🙂", "string", True),
    ("string with carriage return", "<string>a&#13;b</string>", "a\rb", "string", True),
    ("string in CDATA", "<string><![CDATA[<b>&amp;]]></string>", "<b>&amp;", "string", False),
    ("string around a comment", "<string>a<!-- no -->b</string>", "ab", "string", False),
    ("string around an instruction", "<string>a<?x y?>b</string>", "ab", "string", False),
    ("string of a 64-bit integer", "<string>268435456</string>", "268435456", "string", True),
    ("untyped", "guest002", Bare("guest002"), "untyped", True),
    ("untyped empty", "", Bare(""), "untyped", True),
    ("untyped blanks", "  ", Bare("  "), "untyped", True),
    ("int", "<int>42</int>", 42, "int", True),
    ("int negative", "<int>-7</int>", -7, "int", True),
    ("int with sign", "<int>+5</int>", 5, "int", False),
    ("int with zeros", "<int>007</int>", 7, "int", False),
    ("int with blanks", "<int> \n12 </int>", 12, "int", False),
    ("i4", "<i4>3</i4>", I4(3), "i4", True),
    ("i8", "<i8>9223372036854775807</i8>", I8(2**63 - 1), "i8", True),
    ("boolean true", "<boolean>1</boolean>", True, "boolean", True),
    ("boolean false", "<boolean>0</boolean>", False, "boolean", True),
    ("boolean in words", "<boolean>true</boolean>", True, "boolean", False),
    ("double", "<double>0.0004175995563293536</double>", 0.0004175995563293536, "double", True),
    ("double of Python 2", "<double>1e+20</double>", 1e20, "double", True),
    ("double with exponent", "<double>1e-3</double>", 0.001, "double", False),
    ("double infinite", "<double>-inf</double>", -inf, "double", True),
    ("double positive infinite", "<double>inf</double>", inf, "double", True),
    ("double not a number", "<double>nan</double>", nan, "double", True),
    ("double with blanks", "<double> 2.5 </double>", 2.5, "double", False),
    (
        "date of xend",
        "<dateTime.iso8601>20090710T09:01:27</dateTime.iso8601>",
        DateTime("20090710T09:01:27"),
        "dateTime.iso8601",
        True,
    ),
    (
        "date of XAPI",
        "<dateTime.iso8601>20090710T09:01:27Z</dateTime.iso8601>",
        DateTime("20090710T09:01:27Z"),
        "dateTime.iso8601",
        True,
    ),
    (
        "date with dashes and zone",
        "<dateTime.iso8601>2009-07-10T09:01:27+02:00</dateTime.iso8601>",
        DateTime("2009-07-10T09:01:27+02:00"),
        "dateTime.iso8601",
        True,
    ),
    ("base64", "<base64>\nYWJj\n</base64>", b"abc", "base64", True),
    ("base64 in lines", "<base64>YW\n  Jj\r\n</base64>", b"abc", "base64", False),
    ("base64 empty", "<base64></base64>", b"", "base64", False),
    ("nil", "<nil/>", None, "nil", True),
    ("array empty", "<array><data>\n</data></array>", [], "array", True),
    ("array tight", "<array><data/></array>", [], "array", False),
    (
        "array nested",
        "<array><data>\n<value><array><data>\n<value><int>1</int></value>\n</data></array></value>\n"
        "</data></array>",
        [[1]],
        "array",
        True,
    ),
    ("struct empty", "<struct>\n</struct>", {}, "struct", True),
    (
        "struct",
        "<struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n</struct>",
        {"a": 1},
        "struct",
        True,
    ),
    (
        "struct with an untyped member",
        "<struct><member><name>a</name><value>x</value></member></struct>",
        {"a": Bare("x")},
        "struct",
        False,
    ),
    (
        "struct with a name twice",
        "<struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n"
        "<member>\n<name>a</name>\n<value><int>2</int></value>\n</member>\n</struct>",
        Struct((("a", 1), ("a", 2))),
        "struct",
        True,
    ),
    ("Apache i8", f"<ex:i8 {EX}>5</ex:i8>", I8(5), "i8", False),
    ("Apache nil", f"<ex:nil {EX}/>", Extended("nil", ""), "ex:nil", False),
    ("Apache i2", f"<ex:i2 {EX}>5</ex:i2>", Extended("i2", "5"), "ex:i2", False),
    (
        "Apache bigdecimal",
        f"<ex:bigdecimal {EX}>1.50</ex:bigdecimal>",
        Extended("bigdecimal", "1.50"),
        "ex:bigdecimal",
        False,
    ),
]

# (name, whole body, part of the reason)
REFUSED = [
    ("nothing", b"", "empty"),
    ("blanks", b" \r\n ", "empty"),
    ("junk", b"junk", "not XML"),
    ("JSON", b"[1]", "not XML"),
    ("a DTD", b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "b">]><methodCall/>', "DTD"),
    ("a DTD after a comment", b"<!-- x --><!doctype m SYSTEM 'file:///etc/passwd'><methodCall/>", "DTD"),
    ("an HTML page", b"<html><body>500</body></html>", "HTML"),
    ("an HTML page with doctype", b"<!DOCTYPE html><html></html>", "HTML"),
    ("a page as xend sends it", b"<head>\n<title>Error response</title>\n</head>", "HTML"),
    ("cut off", b"<methodCall><methodName>x</methodName>", "not well-formed"),
    ("something behind", b"<methodCall><methodName>x</methodName></methodCall>junk", "not well-formed"),
    ("an unknown entity", b"<methodCall><methodName>&a;</methodName></methodCall>", "not well-formed"),
    ("a control character", b"<methodCall><methodName>\x01</methodName></methodCall>", "not well-formed"),
    ("another root", b"<rpc/>", "root element is <rpc>"),
    ("no method name", b"<methodCall/>", "without <methodName>"),
    ("an empty method name", b"<methodCall><methodName> </methodName></methodCall>", "empty <methodName>"),
    ("no answer", b"<methodResponse/>", "one <params> or <fault>"),
    ("no value", b"<methodResponse><params/></methodResponse>", "0 values"),
    ("an unknown encoding", b'<?xml version="1.0" encoding="klingon"?><methodCall/>', "unknown"),
    ("no text encoding", b'<?xml version="1.0" encoding="base64"?><methodCall/>', "no text encoding"),
    ("UTF-8 that is none", b'<?xml version="1.0" encoding="utf-8"?><a>\xff</a>', "not well-formed"),
]

# (name, inside of <value>, part of the reason)
REFUSED_VALUES = [
    ("int of letters", "<int>x</int>", "no integer"),
    ("int empty", "<int/>", "no integer"),
    ("int with underscore", "<int>1_0</int>", "no integer"),
    ("int of other digits", "<int>\u0661</int>", "no integer"),
    ("int without end", f"<int>{'9' * 5000}</int>", "no integer"),
    ("double of letters", "<double>x</double>", "no double"),
    ("double with underscore", "<double>1_0.5</double>", "no double"),
    ("boolean of letters", "<boolean>yes</boolean>", "no boolean"),
    ("base64 of signs", "<base64>!!</base64>", "no base64"),
    ("base64 cut", "<base64>YWJ</base64>", "no base64"),
    ("unknown type", "<long>1</long>", "unknown type element <long>"),
    ("two types", "<int>1</int><int>2</int>", "2 elements"),
    ("array without data", "<array/>", "needs one <data>"),
    ("array of no values", "<array><data><int>1</int></data></array>", "found <int>"),
    ("member without value", "<struct><member><name>a</name></member></struct>", "holds <member>s"),
    (
        "member the wrong way round",
        "<struct><member><value>a</value><name>b</name></member></struct>",
        "holds <member>s",
    ),
    ("element in string", "<string><b>x</b></string>", "inside <string>"),
]


def typed(value: object) -> object:
    """A value with its wire types, so that equality tells `1`, `True` and `Bare` apart."""
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return [(name, typed(each)) for name, each in value.items()]
    if isinstance(value, Struct):
        return ["repeated", *[(name, typed(each)) for name, each in value.items]]
    return (wire_type(value), repr(value))  # type: ignore[arg-type]
