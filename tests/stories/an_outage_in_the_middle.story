# An outage in the middle

Graph and Azure fail while Contoso is being set up: answers get lost after the work was done, requests are refused, the process dies. Every
pass starts from what the tenant truly holds, so each ends nearer to what the files ask for, and nothing is there twice.

The first pass loses the answers to its first invitation, its first group and its first role.

> fault {service: graph, customer: contoso, method: POST, route: "/invitations", fault: lostAnswer, times: 1}
> fault {service: graph, customer: contoso, method: PATCH, route: "/groups(uniqueName='{name}')", fault: lostAnswer, times: 1}
> fault {service: arm, customer: contoso, method: PUT, fault: lostAnswer, times: 1}
> apply
> show contoso

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
> no faults

The fourth finishes, and the fifth finds nothing to do.

> apply
> show contoso
> plan

A new group is not known to Azure at once. Its role is asked for until it is.

> replicas are up to 20 s late
> edit customers/northwind/customer.yaml
      templates: [managed-azure]
    + groups:
    +   Northwind_Operators:
    +     from: Northwind_Readers
    +     roles: {Contributor: subscriptions/main}
> apply
> wait 30s
> plan
> show northwind
