package io.embeddingoperator.operator.status;

/** The state of a job, in one word and one sentence. */
sealed interface Situation {
    String sentence();

    /** The operator or Kubernetes is at work, or waits for something that may still come. */
    record Progressing(StatusWord word, String sentence) implements Situation {}

    /** Nothing runs because spec.suspend says so, another client suspended the Job, or the budget is used up. */
    record Suspended(StatusWord word, String sentence) implements Situation {}

    /** Nothing runs because Kueue has not admitted the Job. */
    record Queued(String sentence) implements Situation {}

    /** A run brings a table up to date that is searched meanwhile; nothing is wrong with it. */
    record Refreshing(StatusWord word, String sentence) implements Situation {}

    record Completed(String sentence) implements Situation {}

    /** The Job ended well, and no runner can tell whether the sink holds all of the run. */
    record Unconfirmed(String sentence) implements Situation {}

    /** @param reason the kind of failure, one word in CamelCase */
    record Failed(String reason, String sentence) implements Situation {}

    /** The operator cannot follow the manifest until a person edits it; no run has failed. */
    record Refused(StatusWord word, String sentence) implements Situation {}
}
