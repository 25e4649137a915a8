# A person with two guests

Long ago somebody at Contoso invited Linus with a personal account, and later again. Two objects could be his. Choosing one would be
a guess about who signs in with it, so none is chosen until the customer has tidied up.

> settle
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> at contoso add-guest linus@fabrikam.example old personal 0c000000-0000-4000-8000-000000000001
> at contoso add-guest linus@fabrikam.example 0c000000-0000-4000-8000-000000000002
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
    +     linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> plan
    contoso  enforce  1 unclear
      ? in doubt  guestConflict  several users could be the guest of linus@fabrikam.example: 0c000000-0000-4000-8000-000000000001, 0c000000-0000-4000-8000-000000000002
          leaves undecided: this person: not added

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 1 unclear.
    exit 1
> show writes
    none

The customer deletes the old one. The other is used, and never deleted: it was not groupsync that invited it.

> at contoso delete-guest 0c000000-0000-4000-8000-000000000001
> plan
    contoso  enforce  1 to add
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        + linus@fabrikam.example   · listed in Contoso_Readers (groups/contoso.yaml:6)
      * unclaimedGuest  linus@fabrikam.example: guest 0c000000-0000-4000-8000-000000000002 was not invited by us as far as the ledger knows: it is used and never deleted

    nothing to say about northwind, tailspin

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 3 customers, 1 worth knowing.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> show members contoso Contoso_Readers
    ada@fabrikam.example
    grace@fabrikam.example
    linus@fabrikam.example
> plan
    contoso  enforce
      * unclaimedGuest  linus@fabrikam.example: guest 0c000000-0000-4000-8000-000000000002 was not invited by us as far as the ledger knows: it is used and never deleted

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
