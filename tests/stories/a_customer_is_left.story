# A customer is left

The contract with Tailspin ends with the second of January. Everything of Fabrikam's must be gone then, the guests too, and nothing
of the customer's own may be touched. Until that day everything goes on.

> settle
> edit customers/tailspin/customer.yaml
    - state: enforce
    + state: offboard
    + offboard:
    +   notBefore: 2030-01-02T00:00:00Z
    +   reason: the contract ended
    +   ticket: CHG-9001
> plan tailspin
    tailspin  offboard
      * offboardingAhead  tailspin: from 2030-01-02T00:00:00Z on, everything of ours goes: 1 group, 2 memberships, 1 role assignment; those guests of ours that nothing else uses go

    Plan: nothing to do at 1 customer, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
> apply
    Applied: nothing to do.
> at tailspin add-group Billing dennis@fabrikam.example robin@tailspin.example
> wait until 2030-01-02 00:00:00Z
> plan tailspin
    tailspin  offboard  6 to remove
      Tailspin_Readers  · offboarding: the contract ended (CHG-9001) (customers/tailspin/customer.yaml:8)
        - barbara@fabrikam.example
        - dennis@fabrikam.example
        - Reader on subscriptions/main
        - the group itself
      guests
        - delete guest barbara@fabrikam.example   · offboarding: the contract ended (CHG-9001) (customers/tailspin/customer.yaml:8)
      ledger: deleted last
      * guestKept  dennis@fabrikam.example: not deleted: it is a member of Billing (f8152e22-0907-5882-acbd-c10db9566845), which is not ours
          hint: the customer may delete the guest once nothing needs it
      * remains  tailspin: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
          hint: end the relationship and its GDAP roles in Partner Center, Lighthouse delegations in the customer's Azure

    Plan: 0 to add, 0 to change, 6 to remove at 1 of 1 customer, 2 worth knowing.
    Forecast: 6 requests, 4 s under the quotas (Graph 4 requests, 6 units, 3 writes; Azure 2 requests, 1 write, all to Microsoft.Authorization); 2 operations for a later run.
    sha256:…
> apply
    tailspin  3 done, 2 for later
      ~ for later: delete guest barbara@fabrikam.example: from 2030-01-02 00:10Z on, in 10 min
          not sooner than ten minutes after our own last change to the guest: replicas must agree first
          with it: delete group groupsync-0f1e2d3c-ledger
      * stays: dennis@fabrikam.example: not deleted: it is a member of Billing (f8152e22-0907-5882-acbd-c10db9566845), which is not ours
      * stays: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
    Applied: 3 done, 2 for later.
> show tailspin
    groups
      Billing: dennis@fabrikam.example, robin@tailspin.example
      groupsync-0f1e2d3c-ledger: barbara@fabrikam.example, dennis@fabrikam.example
    guests
      barbara@fabrikam.example
      dennis@fabrikam.example

Dennis' guest is in a group of the customer's own, so it stays, and that is said. Barbara's goes as soon as replicas agree.

> wait 10m
> plan tailspin
    tailspin  offboard  2 to remove
      guests
        - delete guest barbara@fabrikam.example   · offboarding: the contract ended (CHG-9001) (customers/tailspin/customer.yaml:8)
      ledger: deleted last
      * guestKept  dennis@fabrikam.example: not deleted: it is a member of Billing (f8152e22-0907-5882-acbd-c10db9566845), which is not ours
          hint: the customer may delete the guest once nothing needs it
      * remains  tailspin: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
          hint: end the relationship and its GDAP roles in Partner Center, Lighthouse delegations in the customer's Azure

    Plan: 0 to add, 0 to change, 2 to remove at 1 of 1 customer, 2 worth knowing.
    Forecast: 7 requests, 4 s under the quotas (Graph 5 requests, 7 units, 2 writes; Azure 2 requests, 0 writes, 1 to Microsoft.Authorization).
    sha256:…
> apply
    tailspin  2 done
      * stays: dennis@fabrikam.example: not deleted: it is a member of Billing (f8152e22-0907-5882-acbd-c10db9566845), which is not ours
      * stays: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
    Applied: 2 done.
> show tailspin
    groups
      Billing: dennis@fabrikam.example, robin@tailspin.example
    guests
      dennis@fabrikam.example
> plan tailspin
    nothing to say about tailspin

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

The customer takes its consent back; the file says that it is over and may be deleted one day.

> at tailspin revoke-consent
> edit customers/tailspin/customer.yaml
    - state: offboard
    + state: offboarded
> plan tailspin
    nothing to say about tailspin

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
