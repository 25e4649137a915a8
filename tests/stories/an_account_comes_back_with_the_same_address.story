# An account comes back with the same address

Barbara leaves; a year later, after groupsync stood still all the time, another Barbara is hired and gets her address. The guest that the
first one left behind carries that address. It is taken out of every group and must not become the second one's.

> settle
> partner delete barbara@fabrikam.example
> wait 8760h
> partner hire barbara@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000299
> edit groups/northwind.yaml
    -     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
    +     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000299
> edit groups/tailspin.yaml
    -     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
    +     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000299
> plan
    northwind  enforce  1 to remove, 1 unclear
      Northwind_Readers  gives Reader on subscriptions/main
        - barbara@fabrikam.example   · older than the account that has its address now
      ? in doubt  guestConflict  guest 81290e04-c4e0-4a04-afe7-3c0dcce32ae4 has the address barbara@fabrikam.example and is older than the account: it belonged to somebody else and has to be deleted first
          leaves undecided: this person: not added

    tailspin  enforce  1 to remove, 1 unclear
      Tailspin_Readers  gives Reader on subscriptions/main
        - barbara@fabrikam.example   · older than the account that has its address now
      ? in doubt  guestConflict  guest c8af4350-c235-488f-8350-64102e3a6484 has the address barbara@fabrikam.example and is older than the account: it belonged to somebody else and has to be deleted first
          leaves undecided: this person: not added

    nothing to say about contoso

    Plan: 0 to add, 0 to change, 2 to remove at 2 of 3 customers, 2 unclear.
    Forecast: 2 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes).
    sha256:…
    exit 1
> apply
    northwind  1 done
    tailspin  1 done
    Applied: 2 done. Left alone: 2 unclear.
    exit 1
> show northwind
    groups
      Northwind_Readers: ada@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, barbara@fabrikam.example
    guests
      ada@fabrikam.example
      barbara@fabrikam.example
    roles
      Northwind_Readers: Reader on subscriptions/main

Northwind deletes the old guest for good. Now the new Barbara can get in.

> at northwind delete-guest barbara@fabrikam.example
> plan northwind
    northwind  enforce  1 unclear
      ? in doubt  guestConflict  guest 81290e04-c4e0-4a04-afe7-3c0dcce32ae4 of barbara@fabrikam.example is among the deleted items: restore it, or purge it, before she is invited again
          leaves undecided: this person: not added

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> at northwind purge barbara@fabrikam.example
> plan northwind
    northwind  enforce  2 to add
      Northwind_Readers  gives Reader on subscriptions/main
        + barbara@fabrikam.example   · listed in Northwind_Readers (groups/northwind.yaml:7)
      guests
        + invite barbara@fabrikam.example
      ledger: 1 entry written

    Plan: 2 to add, 0 to change, 0 to remove at 1 of 1 customer.
    Forecast: 5 requests, 2 s under the quotas (Graph 5 requests, 6 units, 3 writes).
    sha256:…
> apply
    northwind  3 done
    Applied: 3 done. Left alone: 1 unclear.
    exit 1
> show northwind
    groups
      Northwind_Readers: ada@fabrikam.example, barbara@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, barbara@fabrikam.example
    guests
      ada@fabrikam.example
      barbara@fabrikam.example, not accepted yet
    roles
      Northwind_Readers: Reader on subscriptions/main
