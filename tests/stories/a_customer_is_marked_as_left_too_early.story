# A customer is marked as left too early

Somebody writes `offboarded` for Tailspin although nothing was taken out yet. Nothing is written there any more, so what Fabrikam
left behind is listed for as long as it can be read. Going back to `offboard` takes it out.

> settle
> edit customers/tailspin/customer.yaml
    - state: enforce
    + state: offboarded
> plan tailspin
    tailspin  offboarded
      * leftBehind  tailspin: still here: "Tailspin_Readers" (0b9388e3-f8d5-4849-9152-d6ab439c9e96), "groupsync-0f1e2d3c-ledger" (872d6d06-3517-4169-8e54-5db5c2ceed2d)
          hint: set the state back to offboard to remove it

    Plan: nothing to do at 1 customer, 1 worth knowing.
    sha256:…
> apply
    Applied: nothing to do.
> edit customers/tailspin/customer.yaml
    - state: offboarded
    + state: offboard
    + offboard:
    +   reason: the contract ended
    +   ticket: CHG-9001
> plan tailspin
    tailspin  offboard  7 to remove
      Tailspin_Readers  · offboarding: the contract ended (CHG-9001) (customers/tailspin/customer.yaml:8)
        - barbara@fabrikam.example
        - dennis@fabrikam.example
        - Reader on subscriptions/main
        - the group itself
      guests  · offboarding: the contract ended (CHG-9001) (customers/tailspin/customer.yaml:8)
        - delete guest barbara@fabrikam.example
        - delete guest dennis@fabrikam.example
      ledger: deleted last
      * remains  tailspin: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
          hint: end the relationship and its GDAP roles in Partner Center, Lighthouse delegations in the customer's Azure

    Plan: 0 to add, 0 to change, 7 to remove at 1 of 1 customer, 1 worth knowing.
    Forecast: 6 requests, 4 s under the quotas (Graph 4 requests, 6 units, 3 writes; Azure 2 requests, 1 write, all to Microsoft.Authorization); 3 operations for a later run.
    sha256:…
> apply --wait
    tailspin  6 done
      * stays: not groupsync's, and left to the partner: AdminAgents is Owner of subscription main until the customer deletes that row; the partner relationship, GDAP and Lighthouse are not looked at
    Applied: 6 done.
> show tailspin
    nothing
> edit customers/tailspin/customer.yaml
    - state: offboard
    + state: offboarded
> plan tailspin
    nothing to say about tailspin

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
