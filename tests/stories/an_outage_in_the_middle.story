# An outage in the middle

Graph and Azure fail while Contoso is being set up: answers get lost after the work was done, requests are refused, the process dies. Every
pass starts from what the tenant truly holds, so each ends nearer to what the files ask for, and nothing is there twice.

The first pass loses the answers to its first invitation, its first group and its first role.

> fault {service: graph, customer: contoso, method: POST, route: "/invitations", fault: lostAnswer, times: 1}
> fault {service: graph, customer: contoso, method: PATCH, route: "/groups(uniqueName='{name}')", fault: lostAnswer, times: 1}
> fault {service: arm, customer: contoso, method: PUT, fault: lostAnswer, times: 1}
> apply
    contoso  14 done
    northwind  8 done
    tailspin  8 done
    Applied: 30 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example, not accepted yet
      grace@fabrikam.example, not accepted yet
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test

The second is cut off in the middle, together with its process.

> no faults
> edit groups/contoso.yaml
      members:
    +   barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
    +   dennis@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000206
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> die at request 30

The third meets a Graph that does not answer at all.

> fault {service: graph, customer: contoso, fault: error}
> apply
    Applied: nothing. Left alone: 1 unclear.
    exit 1
> no faults

The fourth finishes, and the fifth finds nothing to do. The process died between Barbara's invitation and her entry in the ledger, so
nothing proves that we invited her: she is used like anybody's guest, and never deleted.

> apply
    contoso  3 done
    Applied: 3 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, barbara@fabrikam.example, dennis@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, dennis@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example, not accepted yet
      barbara@fabrikam.example, not accepted yet
      dennis@fabrikam.example, not accepted yet
      grace@fabrikam.example, not accepted yet
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan
    contoso  enforce
      * unclaimedGuest  barbara@fabrikam.example: guest 671fcac5-cc9a-4bfc-a206-643be82d9126 was not invited by us as far as the ledger knows: it is used and never deleted

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…

A new group is not known to Azure at once. Its role is asked for until it is.

> settle
> replicas are up to 20 s late
> edit customers/northwind/customer.yaml
      templates: [managed-azure]
    + groups:
    +   Northwind_Operators:
    +     from: Northwind_Readers
    +     roles: {Contributor: subscriptions/main}
> apply
    northwind  3 done
    Applied: 3 done.
> show log
    09:00:20  northwind: group created
    09:00:20  northwind: owner added
    09:00:22  northwind: member added
    09:00:22  northwind: member added
    09:00:37  northwind: role given
    09:00:45  northwind: role changed
> wait 30s
> plan
    contoso  enforce
      * unclaimedGuest  barbara@fabrikam.example: guest 671fcac5-cc9a-4bfc-a206-643be82d9126 was not invited by us as far as the ledger knows: it is used and never deleted

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
> show northwind
    groups
      Northwind_Operators: ada@fabrikam.example, barbara@fabrikam.example
      Northwind_Readers: ada@fabrikam.example, barbara@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, barbara@fabrikam.example
    guests
      ada@fabrikam.example
      barbara@fabrikam.example
    roles
      Northwind_Operators: Contributor on subscriptions/main
      Northwind_Readers: Reader on subscriptions/main
