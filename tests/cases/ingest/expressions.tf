# Expressions, each with what it is: holes as `${name}`, unknown values as `(known only after apply: what blocks them)`.
# Read by a test as the root module of an empty plan.
variable "defaulted" {
  default = "d"
}

variable "open" {
  type = string
}

locals {
  text      = "a"
  list      = ["x", "y"]
  map       = { k = "v", "quoted key" = 1 }
  nested    = { inner = [{ deep = "found" }] }
  circle    = local.square
  square    = local.circle
  heredoc   = <<-EOT
    one
      two ${local.text}
  EOT
  untouched = <<EOT
  kept
EOT
}

locals {
  e01 = "plain"                                            #=> plain
  e02 = 1 + 2 * 3                                          #=> 7
  e03 = !true || false                                     #=> false
  e04 = "${local.text}-${var.defaulted}"                   #=> a-d
  e05 = var.open                                           #=> (known only after apply: var.open)
  e06 = "x-${var.open}"                                    #=> x-${var.open}
  e07 = local.list[1]                                      #=> y
  e08 = local.map["quoted key"]                            #=> 1
  e09 = local.nested.inner[0].deep                         #=> found
  e10 = local.nested.inner[*].deep                         #=> [found]
  e11 = [for x in local.list : upper(x)]                   #=> [X, Y]
  e12 = { for k, v in local.map : v => k if k == "k" }     #=> {v: k}
  e13 = local.text == "a" ? "yes" : "no"                   #=> yes
  e14 = var.open == "a" ? "yes" : "no"                     #=> (known only after apply: var.open)
  e15 = local.circle                                       #=> (known only after apply: local.circle)
  e16 = try(local.map.missing, "fallback")                 #=> fallback
  e17 = join(",", local.list, ["z"])                       #=> x,y,z
  e18 = join("/", ["arn", var.open])                       #=> arn/${var.open}
  e19 = format("%s-%03d-%%-%q", "n", 7, "q")               #=> n-007-%-"q"
  e20 = formatlist("%s!", local.list)                      #=> [x!, y!]
  e21 = jsonencode({ a = [1, true, null], b = "x" })       #=> {a: [1, true, null], b: x}
  e22 = "${jsonencode({ a = "\"" })}!"                     #=> {"a":"\""}!
  e23 = jsondecode("{\"a\": [1]}").a[0]                    #=> 1
  e24 = merge({ a = 1, b = 1 }, { b = 2 })                 #=> {a: 1, b: 2}
  e25 = concat(local.list, [])                             #=> [x, y]
  e26 = flatten([["a"], [["b"]]])                          #=> [a, b]
  e27 = toset(["b", "a", "b"])                             #=> [a, b]
  e28 = length(local.list) + length("four")                #=> 6
  e29 = lookup(local.map, "none", "default")               #=> default
  e30 = coalesce("", null, "third")                        #=> third
  e31 = element(local.list, 3)                             #=> y
  e32 = contains(local.list, "y")                          #=> true
  e33 = keys({ b = 1, a = 2 })                             #=> [a, b]
  e34 = values({ b = 1, a = 2 })                           #=> [2, 1]
  e35 = zipmap(["a"], [1])                                 #=> {a: 1}
  e36 = replace("a/b", "/", "-")                           #=> a-b
  e37 = replace("a1b2", "/[0-9]/", "")                     #=> ab
  e38 = split("/", "a/b")                                  #=> [a, b]
  e39 = trimsuffix("name.json", ".json")                   #=> name
  e40 = substr("abcdef", 1, 3)                             #=> bcd
  e41 = base64encode("hi")                                 #=> aGk=
  e42 = regex("v([0-9]+)", "v12")                          #=> [12]
  e43 = "%{if local.text == "a"}yes%{else}no%{endif}"      #=> yes
  e44 = "%{for x in local.list}${x};%{endfor}"             #=> x;y;
  e45 = local.heredoc                                      #=> one\n  two a\n
  e46 = local.untouched                                    #=>   kept\n
  e47 = uuid()                                             #=> (known only after apply: uuid())
  e48 = path.module                                        #=> .
  e49 = -1 < 0 && 4 % 3 == 1                               #=> true
  e50 = one([])                                            #=> null
  e51 = file("${path.module}/no-such-file")                #=> (known only after apply: file())
  e52 = file("/etc/hostname")                              #=> (known only after apply: file())
  e53 = compact(["a", "", null])                           #=> [a]
  e54 = reverse(sort(["b", "a"]))                          #=> [b, a]
  e55 = distinct([var.open, var.open])                     #=> [(known only after apply: var.open), (known only after apply: var.open)]
  e56 = max(1, 3, 2)                                       #=> 3
  e57 = tostring(true)                                     #=> true
  e58 = lower("ABC${var.open}")                            #=> (known only after apply: lower())
  e59 = "$${literal} %%{literal}"                          #=> ${literal} %{literal}
  e60 = (1 > 2 ? [] : ["only"])[0]                         #=> only
  e61 = concat(["a"], var.open)                            #=> (known only after apply: var.open)
  e62 = yamlencode({ a = 1 })                              #=> {a: 1}
  e63 = setunion(["a"], ["a", "b"])                        #=> [a, b]
  e64 = join("-", [for k, v in { b = 1, a = 2 } : "${k}${v}"]) #=> a2-b1
}
