# An address changes

Grace marries and gets another address. Her guest at Contoso keeps the old one, because a guest does not follow its person; inviting her
again would make a second guest.

> settle
> partner rename grace@fabrikam.example grace.hopper@fabrikam.example

Her mailbox keeps the old address as an alias, so her guest still is hers, whichever of the two the files use.

> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
> edit groups/contoso.yaml
      metadata: {name: Contoso_Contributors}
      spec:
        members:
    -     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    +     grace.hopper@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> edit groups/contoso.yaml
          ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    -     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    +     grace.hopper@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

Somebody takes the alias away, and one file was forgotten. Whoever has the address that the file names is not Grace any more, as far as
the partner tenant tells: she is neither added nor removed, and somebody has to look.

> edit groups/contoso.yaml
          ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    -     grace.hopper@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    +     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> edit groups/contoso.yaml
      metadata: {name: Contoso_Contributors}
      spec:
        members:
    -     grace.hopper@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    +     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> partner drop-aliases grace.hopper@fabrikam.example
> plan
    contoso  enforce  2 unclear
      ? in doubt  mismatch  groups/contoso.yaml:14: the account with that object id does not have the address grace@fabrikam.example
          leaves undecided: this person: neither added nor removed
      ? in doubt  mismatch  groups/contoso.yaml:7: the account with that object id does not have the address grace@fabrikam.example
          leaves undecided: this person: neither added nor removed

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 2 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 2 unclear.
    exit 1
> show writes
    none
