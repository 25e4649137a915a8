# A customer removes our privileges

Contoso takes back what it once gave us: the consent, then the right to read its directory, then our role in Azure. Each time the plan
calls the customer `accessLost`, names the right that is missing and says how it comes back. Nothing that could not be seen is taken
for gone, nothing is asked again and again, and Northwind gets what its file asks for. When the right is back, the next pass does what
was left.

> settle
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/contoso.yaml
      members:
    -   ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202

The consent is gone. One request finds it out.

> at contoso revoke-consent
> plan
    contoso  enforce  accessLost  1 unclear
      ? not read  consentMissing  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '22222222-2222-4000-8000-000000000001'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: everything here
          hint: an administrator of the customer consents to our application again

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 unclear.
    sha256:…
    exit 1
> show requests contoso
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    1 × login POST /{tenant}/oauth2/v2.0/token, answered 400
> show condition contoso
    condition: "accessLost", gap lost: "consent"

The consent is back, but not for reading the directory.

> at contoso consent-to User.Invite.All
> plan contoso
    contoso  enforce  accessLost  1 unclear
      ? not read  accessDenied  our groups: graph GET /groups answered 403 Authorization_RequestDenied: Insufficient privileges to complete the operation
          leaves undecided: every group, member and guest here
          hint: our application needs GroupMember.Read.All and User.Read.All: an administrator of the customer consents to them again

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> show requests contoso
    1 × arm GET /subscriptions, answered 200
    2 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignments, answered 200
    1 × graph GET /groups, answered 403
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    2 × login POST /{tenant}/oauth2/v2.0/token, answered 200
> show condition contoso
    condition: "accessLost", gap lost: "directory"

The directory can be read again, and our role on the subscriptions is gone. People and groups are not concerned; no role is given or
taken on a guess.

> at contoso consent-to lifecycle
> take-roles from us at contoso
> plan contoso
    contoso  enforce  accessLost  2 to add, 1 to remove, 2 unclear
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example     · no longer listed in Contoso_Readers
        + linus@fabrikam.example   · listed in Contoso_Readers (groups/contoso.yaml:6)
      guests
        + invite linus@fabrikam.example
      ledger: 1 entry written
      ? in doubt  subscriptionMissing  subscription prod (22222222-2222-4000-8000-0000000000b1): customers/contoso/customer.yaml:10: this tenant shows no such subscription to us: it was moved or closed, or our role there was taken away
          leaves undecided: role assignments in this subscription
          hint: our application needs Role Based Access Control Administrator on the subscriptions: their owner assigns it again
      ? in doubt  subscriptionMissing  subscription test (22222222-2222-4000-8000-0000000000b2): customers/contoso/customer.yaml:11: this tenant shows no such subscription to us: it was moved or closed, or our role there was taken away
          leaves undecided: role assignments in this subscription
          hint: our application needs Role Based Access Control Administrator on the subscriptions: their owner assigns it again

    Plan: 2 to add, 0 to change, 1 to remove at 1 of 1 customer, 2 unclear.
    Forecast: 6 requests, 2 s under the quotas (Graph 6 requests, 7 units, 4 writes).
    sha256:…
    exit 1
> show requests contoso
    1 × arm GET /subscriptions, answered 200
    1 × graph GET /groups, answered 200
    1 × graph GET /groups/{id}/owners, answered 200
    2 × graph POST /$batch, answered 200
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    2 × login POST /{tenant}/oauth2/v2.0/token, answered 200
> show condition contoso
    condition: "accessLost", gap lost: "azure"

Northwind's own change is not held up by any of this.

> edit groups/northwind.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> at contoso revoke-consent
> apply
    northwind  3 done
    Applied: 3 done. Left alone: 1 unclear.
    exit 1
> show writes
    northwind: 1 × guest invited
    northwind: 2 × member added

Everything is back.

> at contoso consent-to lifecycle
> give-roles to us at contoso
> show condition contoso
    condition: null
> apply
    contoso  4 done
    Applied: 4 done.
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
