package io.embeddingoperator.operator.desired;

/** A manifest that the API server accepts and that makes no sound pod; the message is for the person who wrote it. */
public final class SpecificationProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sentence;
    private final Reason reason;

    public SpecificationProblem(Reason reason, String sentence) {
        super(sentence);
        this.sentence = sentence;
        this.reason = reason;
    }

    /** What is wrong and what to do about it. */
    public String sentence() {
        return sentence;
    }

    /** The reason of the condition Stalled. */
    public Reason reason() {
        return reason;
    }

    /** What part of the manifest is at fault, as a condition's reason. */
    public enum Reason {
        InvalidSpecification,
        InvalidTemplate
    }
}
