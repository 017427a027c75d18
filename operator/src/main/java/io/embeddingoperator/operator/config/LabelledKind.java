package io.embeddingoperator.operator.config;

/** A kind of object whose use can be made to depend on a label. */
public enum LabelledKind {
    Secret("secrets"),
    ConfigMap("configmaps"),
    PersistentVolumeClaim("persistentvolumeclaims");

    private final String plural;

    LabelledKind(String plural) {
        this.plural = plural;
    }

    /** As it stands in a path of the API. */
    public String plural() {
        return plural;
    }
}
