# A module that makes a pipeline for each entry: one runs under a role of the module, one under a role that exists already.
module "ml" {
  source = "./pipelines"
  name   = "acme"
  pipelines = {
    score = { tuned = false }
    old   = { tuned = true, role_arn = "arn:aws:iam::111122223333:role/made-elsewhere" }
  }
}
