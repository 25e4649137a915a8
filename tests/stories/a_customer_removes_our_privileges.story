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
> show requests contoso
> plan
> show requests contoso
> show condition contoso

The consent is back, but not for reading the directory.

> at contoso consent-to User.Invite.All
> plan contoso
> show requests contoso
> show condition contoso

The directory can be read again, and our role on the subscriptions is gone. People and groups are not concerned; no role is given or
taken on a guess.

> at contoso consent-to lifecycle
> take-roles from us at contoso
> plan contoso
> show requests contoso
> show condition contoso

Northwind's own change is not held up by any of this.

> edit groups/northwind.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> at contoso revoke-consent
> apply
> show writes

Everything is back.

> at contoso consent-to lifecycle
> give-roles to us at contoso
> show condition contoso
> apply
> plan
