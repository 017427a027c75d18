package io.embeddingoperator.runner.money;

/**
 * What a run may spend at one price. Every request and every batch is reserved before it is sent and settled when its bill
 * is known, so that a limit is never passed by what is in flight. Safe for concurrent use.
 */
public interface Budget {
    /**
     * Sets money aside.
     *
     * @param tokens as they were counted before sending
     * @throws io.embeddingoperator.runner.failure.BudgetExhaustedException when they may not be spent; nothing is set aside
     */
    Reservation reserve(long tokens);

    /** Money that is set aside for one request or batch until it is settled, once. */
    interface Reservation {
        /**
         * The bill is known: what was set aside beyond it is free again. What was not sent settles with 0; where a reply was
         * lost, what the request may have cost counts.
         *
         * @param tokens as the provider counted them, or as they were counted here where it does not tell
         * @param told whether the provider told them
         */
        void settle(long tokens, boolean told);
    }

    /** For embedders that cost nothing, and where nothing is kept of what was spent. */
    static Budget unlimited() {
        return _ -> (_, _) -> {};
    }
}
