# A customer is marked as left too early

Somebody writes `offboarded` for Tailspin although nothing was taken out yet. Nothing is written there any more, so what Fabrikam
left behind is listed for as long as it can be read: who is still inside, and what the customer would have to delete by itself.
Going back to `offboard` takes it out.

> settle
> edit customers/tailspin/customer.yaml
    - state: enforce
    + state: offboarded
> plan tailspin
> apply
> edit customers/tailspin/customer.yaml
    - state: offboarded
    + state: offboard
    + offboard:
    +   reason: the contract ended
    +   ticket: CHG-9001
> plan tailspin
> apply --wait
> apply --wait
> show tailspin
> edit customers/tailspin/customer.yaml
    - state: offboard
    + state: offboarded
> plan tailspin
