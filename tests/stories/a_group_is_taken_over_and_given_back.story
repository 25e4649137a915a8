# A group is taken over and given back

Contoso made a group for Fabrikam's people by hand, years ago, and it holds roles. Groupsync takes it over on purpose, by its object id:
staff in it follows the files, the customer's own people and roles stay theirs.

> edit customers/contoso/customer.yaml
      Contoso_Contributors:
    +   adopt: 22222222-2222-4000-8000-0000000000d1
> settle
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example, robin@contoso.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example, group Contoso_Contributors
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> at contoso add-guest dennis@fabrikam.example
> at contoso add-member Contoso_Contributors dennis@fabrikam.example
> plan contoso
    contoso  enforce  1 to remove
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        - dennis@fabrikam.example   · staff whom nobody declared here

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.

Given back, it loses what groupsync gave it and keeps what it had.

> edit customers/contoso/customer.yaml
    - Contoso_Contributors:
    -   adopt: 22222222-2222-4000-8000-0000000000d1
    -   roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
> plan contoso
    contoso  enforce  2 to remove
      Contoso_Contributors  given back: it stays, with the customer's own people
        - grace@fabrikam.example                                    · no file declares this group any more
        - Contributor on subscriptions/prod/resourceGroups/rg-app   · no file declares this role assignment any more
      ledger: 1 entry taken out

    Plan: 0 to add, 0 to change, 2 to remove at 1 of 1 customer.
    Forecast: 3 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    contoso  3 done
    Applied: 3 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: robin@contoso.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      dennis@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

A group that is not there cannot be taken over.

> edit customers/contoso/customer.yaml
      groups:
    +   Contoso_Contributors:
    +     adopt: 22222222-2222-4000-8000-0000000000d9
    +     roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
> plan contoso
    contoso  enforce  1 unclear
      ? in doubt  notFound  customers/contoso/customer.yaml:14 adopts group 22222222-2222-4000-8000-0000000000d9, and this tenant has no such group
          leaves undecided: mapping Contoso_Contributors

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
