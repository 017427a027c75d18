package io.embeddingoperator.openai.simulator.embedding;

/** What can be wrong with a reply whose status is 200. */
public enum Spoil {
    /** Ends in the middle. */
    MALFORMED_JSON,
    /** In another order than asked, each with its right index: nothing is wrong with it, and a careless client mixes texts up. */
    SHUFFLED,
    /** Two vectors say that they belong to the same input. */
    DUPLICATE_INDEX,
    /** One vector does not say which input it belongs to, and stands in its place. */
    MISSING_INDEX,
    /** An index of 0 is left out, as servers do whose encoding leaves out what is 0. */
    ZERO_INDEX_LEFT_OUT,
    /** One vector for all texts, as of a server that takes a list for one text. */
    ONE_VECTOR,
    /** One vector lacks a component, or has one too many. */
    WRONG_DIMENSION,
    /** One component is not a number; as JSON this is no JSON any more. */
    NOT_A_NUMBER,
    /** One component is null; in base64 the whole vector is. */
    NULL_VALUE,
    /** One vector has nothing but zeros: a reply in good order, whose text no search finds. */
    ZERO_VECTOR,
    /** The last vector is left out. */
    FEWER_VECTORS,
    /** No vector at all. */
    EMPTY_DATA,
    /** It does not tell what it cost. */
    UNTOLD_BILL,
    /** What it cost is written as 12.0. */
    DECIMAL_BILL;

    /** Whether a careful client has what it asked for. */
    public boolean harmless() {
        return switch (this) {
            case SHUFFLED, MISSING_INDEX, ZERO_INDEX_LEFT_OUT, ZERO_VECTOR, DECIMAL_BILL -> true;
            case MALFORMED_JSON,
                    DUPLICATE_INDEX,
                    ONE_VECTOR,
                    WRONG_DIMENSION,
                    NOT_A_NUMBER,
                    NULL_VALUE,
                    FEWER_VECTORS,
                    EMPTY_DATA,
                    UNTOLD_BILL -> false;
        };
    }
}
