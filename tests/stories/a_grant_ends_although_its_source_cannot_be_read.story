# A grant ends although its source cannot be read

Grace helps the night shift for one night, by a grant into their group. When it is over, the shift's own group in the partner tenant
cannot be read. Nobody of the shift may be touched then, but the ended grant needs no more than its end and the live membership.

> file groups/night-shift.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Night_Shift}
    spec:
      entraGroup: 0f1e2d3c-1111-4000-8000-000000000101
> edit customers/contoso/customer.yaml
      groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/prod}
> file customers/contoso/grants/chg-1.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: chg-1}
    spec:
      group: Night_Shift
      person: {grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202}
      notBefore: 2030-01-01T09:00:00Z
      expires: 2030-01-01T17:00:00Z
      reason: one of us is ill
> settle
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    grace@fabrikam.example
    luca.night-shift@fabrikam.example
> wait until 2030-01-01 17:00:00Z
> fault {service: graph, customer: partner, route: "/groups/{id}", fault: error}
> partner leave Night_Shift alva.night-shift@fabrikam.example
> plan
    contoso  enforce  1 to remove, 1 unclear
      Night_Shift  gives Reader on subscriptions/prod
        - grace@fabrikam.example   · grant chg-1 ended at 2030-01-01T17:00:00Z (customers/contoso/grants/chg-1.yaml:1)
      ? not read  unavailable  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101): graph GET /groups/{id} answered 503 ServiceUnavailable: The service is temporarily unavailable
          leaves undecided: who joined or left it, at every customer that has it

    nothing to say about northwind, tailspin

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 3 customers, 1 unclear.
    Forecast: 2 requests, 2 s under the quotas (Graph 2 requests, 3 units, 1 write).
    sha256:…
    exit 1
> apply
    contoso  1 done
    Applied: 1 done. Left alone: 1 unclear.
    exit 1
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    luca.night-shift@fabrikam.example

Once the source can be read again, who left it goes as well.

> no faults
> plan
    contoso  enforce  1 to remove
      Night_Shift  gives Reader on subscriptions/prod
        - alva.night-shift@fabrikam.example   · no longer in the partner's group Night_Shift

    nothing to say about northwind, tailspin

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 3 customers.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
