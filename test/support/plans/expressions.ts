import type { Json } from '../../../shared/json/json.ts';

/** What `var` and `local` are in these expressions, as sources. */
export const NAMES = `variable "name" {
  type    = string
  default = "train"
}
variable "list" {
  type    = list(string)
  default = ["a", "b", "a"]
}
variable "map" {
  type    = map(number)
  default = { one = 1, two = 2 }
}
variable "none" {
  type    = string
  default = null
}
variable "yes" {
  type    = bool
  default = true
}
variable "deep" {
  default = { "a b" = [5] }
}
variable "roles" {
  type = map(object({ name = optional(string, "r"), path = optional(string), tags = optional(set(string), []) }))
  default = { one = { tags = ["b", "a", "b"] } }
}
locals {
  set   = toset(["y", "x", "y"])
  roles = [{ arn = "r1" }, { arn = "r2" }]
}
`;

/** Expressions, and the values that Terraform gives them. */
export const EXPRESSIONS: readonly (readonly [text: string, value: Json])[] = [
  ['"a"', 'a'],
  ['" a  ${var.name} b "', ' a  train b '],
  ['"${var.map.one}"', 1],
  ['"${var.map.one}."', '1.'],
  ['"a\\n\\"\\u00e9$${x}%%{y}"', 'a\n"é${x}%{y}'],
  ['-2.5', -2.5],
  ['1 + 2 * 3 - 4 / 2 % 3', 5],
  ['(1 + 2) * 3', 9],
  ['!true || 1 < 2 && "a" != "b"', true],
  ['var.yes ? "x" : "y"', 'x'],
  ['var.name == "train" ? 1 : 0', 1],
  ['"1" == 1', false],
  ['[1, "b", null,]', [1, 'b', null]],
  ['{ a = 1, "b" : 2, (var.name) = 3, "${var.name}-x" = 4 }', { a: 1, b: 2, train: 3, 'train-x': 4 }],
  ['{\n  a = 1\n  b = { c = [] }\n}', { a: 1, b: { c: [] } }],
  ['var.list[1]', 'b'],
  ['var.list.0', 'a'],
  ['var.deep["a b"][0]', 5],
  ['local.roles[*].arn', ['r1', 'r2']],
  ['local.roles.*.arn', ['r1', 'r2']],
  ['var.none[*]', []],
  ['var.map[*].one', [1]],
  ['[for each in var.list : upper(each) if each != "b"]', ['A', 'A']],
  ['[for index, each in var.list : "${index}${each}"]', ['0a', '1b', '2a']],
  ['{ for key, value in var.map : key => value + 1 }', { one: 2, two: 3 }],
  ['{ for index, each in var.list : each => index... }', { a: [0, 2], b: [1] }],
  ['[for each in local.set : each]', ['x', 'y']],
  ['"%{ if var.yes }on%{ else }off%{ endif }"', 'on'],
  ['"a%{ for each in var.list ~} ${each} %{ endfor }b"', 'aa b a b'],
  ['<<EOT\nline ${var.name}\n  two \\n\nEOT', 'line train\n  two \\n\n'],
  ['<<-EOT\n    a\n      b\n    EOT', 'a\n  b\n'],
  ['jsonencode({ a = [1, var.name] })', '{"a":[1,"train"]}'],
  ['jsondecode("{\\"a\\": 1}").a', 1],
  ['jsondecode(jsonencode({ a = 1 }))', { a: 1 }],
  ['yamldecode("a:\\n  - 1\\n").a', [1]],
  ['format("%s-%03d-%q-%v-%%", "a", 7, "b", [1])', 'a-007-"b"-[1]-%'],
  ['formatlist("%s/%s", ["a", "b"], "c")', ['a/c', 'b/c']],
  ['join(",", ["a", "b"], ["c"])', 'a,b,c'],
  ['split("/", "a/b")', ['a', 'b']],
  ['merge(var.map, { two = 3 }, null)', { one: 1, two: 3 }],
  ['lookup(var.map, "three", 3)', 3],
  ['replace("a.b.c", ".", "-")', 'a-b-c'],
  ['toset(["b", "a", "b"])', ['a', 'b']],
  ['keys({ b = 1, a = 2 })', ['a', 'b']],
  ['values({ b = 1, a = 2 })', [2, 1]],
  ['flatten([[1, [2]], 3])', [1, 2, 3]],
  ['distinct(var.list)', ['a', 'b']],
  ['compact(["", "a", null])', ['a']],
  ['coalesce("", null, "a")', 'a'],
  ['try(var.map.three, "none")', 'none'],
  ['can(var.map.three)', false],
  ['can(var.map.two)', true],
  ['length(var.list)', 3],
  ['contains(var.list, "b")', true],
  ['element(var.list, 4)', 'b'],
  ['substr("hello", 1, 3)', 'ell'],
  ['trimprefix("s3://b", "s3://")', 'b'],
  ['trimsuffix("a.tf", ".tf")', 'a'],
  ['startswith("abc", "ab") && endswith("abc", "bc")', true],
  ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
  [
    'setproduct(["a", "b"], [1, 2])',
    [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['b', 2],
    ],
  ],
  ['setsubtract(["a", "b"], ["a"])', ['b']],
  ['one([7])', 7],
  ['range(1, 4)', [1, 2, 3]],
  ['base64encode("a")', 'YQ=='],
  ['tostring(1)', '1'],
  ['core::upper("a")', 'A'],
  ['var.roles', { one: { name: 'r', path: null, tags: ['a', 'b'] } }],
  ['[for each in range(3) : each * 2]', [0, 2, 4]],
  ['{ for each in var.list : each => upper(each)... }', { a: ['A', 'A'], b: ['B'] }],
  ['element(["a", "b"], 5)', 'b'],
  ['slice(["a", "b", "c"], 1, 3)', ['b', 'c']],
  ['chunklist(["a", "b", "c"], 2)', [['a', 'b'], ['c']]],
  ['reverse([1, 2])', [2, 1]],
  ['sort(["b", "a"])', ['a', 'b']],
  ['setunion(["a"], ["b"])', ['a', 'b']],
  ['setintersection(["a", "b"], ["b", "c"])', ['b']],
  ['strrev("abc")', 'cba'],
  ['title("hello world")', 'Hello World'],
  ['indent(2, "a\\nb")', 'a\n  b'],
  ['chomp("a\\n\\n")', 'a'],
  ['trimspace("  a ")', 'a'],
  ['trim("?!a!?", "!?")', 'a'],
  ['urlencode("a b/c")', 'a+b%2Fc'],
  ['base64decode("YQ==")', 'a'],
  ['max(1, 3, 2) + min(1, 2) + abs(-4) + ceil(1.2) + floor(1.8)', 11],
  ['alltrue([true, "true"])', true],
  ['anytrue([])', false],
  ['coalescelist([], ["a"])', ['a']],
  ['index(["a", "b"], "b")', 1],
  ['tonumber("7")', 7],
  ['tobool("true")', true],
  ['tomap({ a = "1" })', { a: '1' }],
  ['strcontains("abc", "b")', true],
  ['lower("ABC")', 'abc'],
  ['basename("a/b.txt")', 'b.txt'],
  ['dirname("a/b.txt")', 'a'],
  ['"%{ for key, value in var.map }${key}=${value};%{ endfor }"', 'one=1;two=2;'],
  ['"%{ if false }a%{ endif }b"', 'b'],
  ['<<-EOT\n    {\n      "a": "${var.name}"\n    }\n  EOT', '{\n  "a": "train"\n}\n'],
  ['<<EOT\n%{ for each in var.list ~}\n${each}\n%{ endfor ~}\nEOT', 'a\nb\na\n'],
  ['try(jsondecode("{"), "none")', 'none'],
  ['jsonencode("a<b>&")', '"a\\u003cb\\u003e\\u0026"'],
  ['format("%5s|%-5s|%v", "a", "b", true)', '    a|b    |true'],
  ['toset([3, 1, 2])', [1, 2, 3]],
  ['1 == 1.0', true],
  ['100000000000', 100000000000],
  ['"${1.50}"', 1.5],
  ['-var.map.one', -1],
  ['[for s in var.list : s if s == "a"][0]', 'a'],
  ['{ "a.b" = 1 }["a.b"]', 1],
  ['split(",", "")', ['']],
  ['join("-", toset(["b", "a"]))', 'a-b'],
  ['merge({ a = { b = 1 } }, { a = { c = 2 } })', { a: { c: 2 } }],
  ['length("é€")', 2],
  ['keys(var.deep)[0]', 'a b'],
];
