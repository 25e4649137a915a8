# A group gets another name

Contoso's contributors become its operators. The group at the customer keeps its members, its roles and its identity; only its
name changes. Without `was:` it would be another group, and the old one would go.

> settle
> edit customers/contoso/customer.yaml
    -   Contoso_Contributors:
    +   Contoso_Operators:
    +     from: Contoso_Contributors
> plan contoso
    contoso  enforce  3 to add, 3 to remove
      Contoso_Contributors
        - grace@fabrikam.example                                    · no file declares this group any more
        - Contributor on subscriptions/prod/resourceGroups/rg-app   · no file declares this role assignment any more
        - the group itself                                          · no file declares this group any more
      Contoso_Operators  new group (customers/contoso/customer.yaml:14)
        + grace@fabrikam.example                                    · listed in Contoso_Contributors (groups/contoso.yaml:14)
        + Contributor on subscriptions/prod/resourceGroups/rg-app   · declared (customers/contoso/customer.yaml:16)

    Plan: 3 to add, 0 to change, 3 to remove at 1 of 1 customer.
    Forecast: 6 requests, less than 1 s under the quotas (Graph 4 requests, 4 units, 4 writes; Azure 2 requests, 2 writes, all to Microsoft.Authorization).
    sha256:…
> edit customers/contoso/customer.yaml
      Contoso_Operators:
        from: Contoso_Contributors
    +   was: Contoso_Contributors
> plan contoso
    contoso  enforce  1 to change
      Contoso_Operators
        ~ named Contoso_Operators instead of Contoso_Contributors   · declared as Contoso_Operators (customers/contoso/customer.yaml:14)

    Plan: 0 to add, 1 to change, 0 to remove at 1 of 1 customer.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
> explain grace@fabrikam.example contoso
    grace@fabrikam.example at contoso: has access
      Grace · partner object 0f1e2d3c-1111-4000-8000-000000000202 · account enabled · guest e4bf391c-eb3f-4ca4-bbaa-ffa73faaecc4 · customer enforce
      Contoso_Operators  called Contoso_Contributors there now, mapped at customers/contoso/customer.yaml:14
        ● in the group: belongs in it
        via listed in Contoso_Contributors (groups/contoso.yaml:14)
        gives Contributor on subscriptions/prod/resourceGroups/rg-app: in force (customers/contoso/customer.yaml:17)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ● in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:7)
        gives Reader on subscriptions/prod: in force (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: in force (templates/managed-azure.yaml:7)
> apply
    contoso  1 done
    Applied: 1 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Operators: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Operators: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
