# Who had access, and why

An auditor asks in March who could read Contoso's production on a day in January, why, and until when. The tenants show
only what is so now; the journal says what was so then, down to the line of the file, and also what it cannot know.

> keep a journal
> settle
> wait until 2030-01-05 10:00:00Z
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
          ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    -     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> apply
    contoso  1 done
    Applied: 1 done.
> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-05T10:00:00Z
      expires: 2030-01-05T13:00:00Z
      reason: restore of rsv1
      ticket: INC-4711
> apply
    contoso  1 done
    Applied: 1 done.
> wait until 2030-01-05 13:00:00Z
> apply
    contoso  1 done
    Applied: 1 done.
> wait until 2030-03-01 09:00:00Z
> register at 2030-01-05T12:00:00Z customer contoso
    contoso  tenant 22222222-2222-4000-8000-000000000001
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Owner on /subscriptions/22222222-2222-4000-8000-0000000000b1 through Contoso_BreakGlass
        from 2030-01-05T10:00:02Z, to 2030-01-05T13:00:00Z
        in the group because: grant inc-4711 (INC-4711): restore of rsv1 (customers/contoso/grants/inc-4711.yaml:1)
        the group has the role because: declared (customers/contoso/customer.yaml:18)
        ended because: grant inc-4711 ended at 2030-01-05T13:00:00Z (customers/contoso/grants/inc-4711.yaml:1)
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Reader on /subscriptions/22222222-2222-4000-8000-0000000000b1 through Contoso_Readers
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Contoso_Readers (groups/contoso.yaml:6)
        the group has the role because: declared (templates/managed-azure.yaml:7)
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Reader on /subscriptions/22222222-2222-4000-8000-0000000000b2 through Contoso_Readers
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Contoso_Readers (groups/contoso.yaml:6)
        the group has the role because: declared (templates/managed-azure.yaml:7)
      grace@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000202)
        Contributor on /subscriptions/22222222-2222-4000-8000-0000000000b1/resourcegroups/rg-app through Contoso_Contributors
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Contoso_Contributors (groups/contoso.yaml:14)
        the group has the role because: declared (customers/contoso/customer.yaml:15)

    What these records cannot know
      what was so before 2030-01-01T09:00:00Z, when the records begin
      what others gave: roles on other principals, members and rows that somebody else added
      when somebody else ended what we gave: it shows here until we gave or took it again
      implicit rights: AdminAgents, GDAP, owners of subscriptions and what is inherited from above
      whether anybody used what she had
> register person ada@fabrikam.example
    contoso  tenant 22222222-2222-4000-8000-000000000001
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Owner on /subscriptions/22222222-2222-4000-8000-0000000000b1 through Contoso_BreakGlass
        from 2030-01-05T10:00:02Z, to 2030-01-05T13:00:00Z
        in the group because: grant inc-4711 (INC-4711): restore of rsv1 (customers/contoso/grants/inc-4711.yaml:1)
        the group has the role because: declared (customers/contoso/customer.yaml:18)
        ended because: grant inc-4711 ended at 2030-01-05T13:00:00Z (customers/contoso/grants/inc-4711.yaml:1)
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Reader on /subscriptions/22222222-2222-4000-8000-0000000000b1 through Contoso_Readers
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Contoso_Readers (groups/contoso.yaml:6)
        the group has the role because: declared (templates/managed-azure.yaml:7)
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Reader on /subscriptions/22222222-2222-4000-8000-0000000000b2 through Contoso_Readers
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Contoso_Readers (groups/contoso.yaml:6)
        the group has the role because: declared (templates/managed-azure.yaml:7)
    northwind  tenant 33333333-3333-4000-8000-000000000001
      ada@fabrikam.example (person 0f1e2d3c-1111-4000-8000-000000000201)
        Reader on /subscriptions/33333333-3333-4000-8000-0000000000b1 through Northwind_Readers
        from 2030-01-01T09:00:00Z, still
        in the group because: listed in Northwind_Readers (groups/northwind.yaml:6)
        the group has the role because: declared (templates/managed-azure.yaml:7)

    What these records cannot know
      what was so before 2030-01-01T09:00:00Z, when the records begin
      what others gave: roles on other principals, members and rows that somebody else added
      when somebody else ended what we gave: it shows here until we gave or took it again
      implicit rights: AdminAgents, GDAP, owners of subscriptions and what is inherited from above
      whether anybody used what she had
