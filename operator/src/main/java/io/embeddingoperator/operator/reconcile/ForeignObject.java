package io.embeddingoperator.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** An object that has the name of one of the operator's own, and belongs to another owner or to none. */
final class ForeignObject {
    private ForeignObject() {}

    /** @throws BlockedException when the object is not the owner's */
    static void refuse(HasMetadata present, HasMetadata owner) {
        String uid = owner.getMetadata().getUid();
        if (present.getMetadata().getOwnerReferences().stream().noneMatch(each -> uid.equals(each.getUid()))) {
            throw new BlockedException(
                    ("the %s %s exists already and does not belong to this %s: it is waited for to go;"
                                    + " delete it, or give the %s another name")
                            .formatted(
                                    present.getKind(),
                                    present.getMetadata().getName(),
                                    owner.getKind(),
                                    owner.getKind()));
        }
    }
}
