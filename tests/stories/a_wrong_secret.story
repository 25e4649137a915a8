# A wrong secret

The application's secret was replaced and the pipeline still has the old one. Nothing can be read, so nothing is decided and nothing
written, for anybody.

> settle
> edit groups/contoso.yaml
    -     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> use secret yesterday's
> plan
    contoso  enforce  1 unclear
      ? not read  credentialRefused  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 401 invalid_client: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID
          leaves undecided: everything here

    northwind  enforce  1 unclear
      ? not read  credentialRefused  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 401 invalid_client: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID
          leaves undecided: everything here

    tailspin  enforce  1 unclear
      ? not read  credentialRefused  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 401 invalid_client: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID
          leaves undecided: everything here

    Plan: nothing to do at 3 customers, 3 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 3 unclear.
    exit 1
> show writes
    none

The partner's own tenant took the application's consent away: nobody of the partner can be told then, so whom the files name is left as
she is. Who is no longer listed goes: that list is complete.

> use secret simulated-secret
> partner revoke-consent
> plan
    contoso  enforce  1 to remove, 1 unclear
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example   · no longer listed in Contoso_Readers
      ? not read  consentMissing  grace@fabrikam.example: signing in to the partner's tenant: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '0f1e2d3c-1111-4000-8000-0000000000aa'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: this person: neither added nor removed

    northwind  enforce  2 unclear
      ? not read  consentMissing  ada@fabrikam.example, barbara@fabrikam.example: signing in to the partner's tenant: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '0f1e2d3c-1111-4000-8000-0000000000aa'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: this person: neither added nor removed

    tailspin  enforce  2 unclear
      ? not read  consentMissing  barbara@fabrikam.example, dennis@fabrikam.example: signing in to the partner's tenant: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '0f1e2d3c-1111-4000-8000-0000000000aa'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: this person: neither added nor removed

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 3 customers, 5 unclear.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
    exit 1
