package io.embeddingoperator.operator.reconcile;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** The two ways in which the operator changes an object, both under its own name. */
final class Patches {
    /** Sends the fields that should change, and no others. */
    static final PatchContext FIELD = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(EmbeddingJobReconciler.FIELD_MANAGER)
            .build();

    /** Sends all that the operator wants to own of the object, by server-side apply. */
    static final PatchContext WHOLE = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(EmbeddingJobReconciler.FIELD_MANAGER)
            .withForce(true)
            .build();

    private Patches() {}
}
