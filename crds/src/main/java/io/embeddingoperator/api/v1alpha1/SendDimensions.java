package io.embeddingoperator.api.v1alpha1;

/** Whether a request asks for vectors of a certain length. */
public enum SendDimensions {
    /** Where the model is known to let one choose. */
    Auto,
    /** For any other model that lets one choose. */
    Always,
    /** For servers that refuse the field. */
    Never
}
