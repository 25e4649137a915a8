# A tenant that cannot be read

Contoso's tenant answers wrongly in every way it can. Each time nothing happens there, the plan says what could not be read and what
stays undecided, and Northwind gets what its file asks for.

> settle
> edit groups/contoso.yaml
    -     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/northwind.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203

The customer has taken its consent back.

> fault {service: login, customer: contoso, fault: noConsent}
> plan
    contoso  enforce  accessLost  1 unclear
      ? not read  consentMissing  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '22222222-2222-4000-8000-000000000001'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: everything here
          hint: an administrator of the customer consents to our application again

    northwind  enforce  2 to add
      Northwind_Readers  gives Reader on subscriptions/main
        + linus@fabrikam.example   · listed in Northwind_Readers (groups/northwind.yaml:6)
      guests
        + invite linus@fabrikam.example
      ledger: 1 entry written

    nothing to say about tailspin

    Plan: 2 to add, 0 to change, 0 to remove at 1 of 3 customers, 1 unclear.
    Forecast: 5 requests, 2 s under the quotas (Graph 5 requests, 6 units, 3 writes).
    sha256:…
    exit 1
> no faults

Graph says 403.

> fault {service: graph, customer: contoso, fault: forbidden}
> plan contoso
    contoso  enforce  accessLost  1 unclear
      ? not read  accessDenied  our groups: graph GET /groups answered 403 Authorization_RequestDenied: Insufficient privileges to complete the operation
          leaves undecided: every group, member and guest here
          hint: our application needs GroupMember.Read.All and User.Read.All: an administrator of the customer consents to them again

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> no faults

Azure says 403: no role is given or taken, people and groups are not concerned.

> fault {service: arm, customer: contoso, fault: forbidden}
> plan contoso
    contoso  enforce  accessLost  1 to remove, 1 unclear
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example   · no longer listed in Contoso_Readers
      ? not read  accessDenied  the subscriptions: arm GET /subscriptions answered 403 AuthorizationFailed: The client does not have authorization to perform the action over the scope, or the scope is invalid. If access was recently granted, please refresh your credentials
          leaves undecided: every role assignment here
          hint: our application needs Role Based Access Control Administrator on the subscriptions: their owner assigns it again

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer, 1 unclear.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
    exit 1
> no faults

A proxy on the way answers with a page of HTML.

> fault {service: graph, customer: contoso, fault: html}
> plan contoso
    contoso  enforce  1 unclear
      ? not read  malformed  our groups: graph GET /groups answered 200: the answer is not JSON or cut off
          leaves undecided: every group, member and guest here

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> no faults

A list breaks off in the middle.

> fault {service: graph, customer: contoso, route: "/groups/{id}/members", fault: shortPage}
> plan contoso
    contoso  enforce  4 unclear
      ? not read  unavailable  group Contoso_BreakGlass: the members of group 455db3cf-af76-4c9d-85a1-0b23b606894f: graph GET /groups/{id}/members answered 500 InternalServerError: An internal server error occurred
          leaves undecided: its members
      ? not read  unavailable  group Contoso_Contributors: the members of group 4e6db075-fa4e-45a4-b122-8f8b528008d9: graph GET /groups/{id}/members answered 500 InternalServerError: An internal server error occurred
          leaves undecided: its members
      ? not read  unavailable  group Contoso_Readers: the members of group 348a37a7-4705-45c9-9630-7d8cd6092b42: graph GET /groups/{id}/members answered 500 InternalServerError: An internal server error occurred
          leaves undecided: its members
      ? not read  unavailable  group groupsync-0f1e2d3c-ledger: the members of group 0cf73c39-8fd9-493d-90ed-30310440526d: graph GET /groups/{id}/members answered 500 InternalServerError: An internal server error occurred
          leaves undecided: guest deletions, invitations and releases

    Plan: nothing to do at 1 customer, 4 unclear.
    sha256:…
    exit 1
> no faults
> fault {service: graph, customer: contoso, route: "/groups", fault: shortPage}
> plan contoso
    contoso  enforce  1 unclear
      ? not read  unavailable  our groups: graph GET /groups answered 500 InternalServerError: An internal server error occurred
          leaves undecided: every group, member and guest here

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> no faults
> fault {service: arm, customer: contoso, route: "/{scope}/providers/Microsoft.Authorization/roleAssignments", fault: shortPage}
> plan contoso
    contoso  enforce  1 to remove, 2 unclear
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example   · no longer listed in Contoso_Readers
      ? not read  unavailable  the role assignments of subscription 22222222-2222-4000-8000-0000000000b1: arm GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments answered 500 InternalServerError: An internal server error occurred
          leaves undecided: role assignments in this subscription
      ? not read  unavailable  the role assignments of subscription 22222222-2222-4000-8000-0000000000b2: arm GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments answered 500 InternalServerError: An internal server error occurred
          leaves undecided: role assignments in this subscription

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer, 2 unclear.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
    exit 1
> no faults

The tenant of the file is not the one that owns the customer's domain.

> at contoso verify-domain contoso-new.example
> plan contoso
    contoso  enforce  1 unclear
      ? in doubt  notFound  no tenant has verified the domain contoso.example
          leaves undecided: everything here but withdrawals

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> at contoso verify-domain contoso.example

While it cannot be read, nothing is written there.

> fault {service: graph, customer: contoso, fault: forbidden}
> apply
    northwind  3 done
    Applied: 3 done. Left alone: 1 unclear.
    exit 1
> show writes
    northwind: 1 × guest invited
    northwind: 2 × member added
