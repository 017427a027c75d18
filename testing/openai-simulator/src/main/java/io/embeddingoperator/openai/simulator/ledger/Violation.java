package io.embeddingoperator.openai.simulator.ledger;

/**
 * A rule that the client could have kept and did not.
 *
 * @param request the id of the request, or of the batch whose file broke it
 * @param where the endpoint
 * @param rule what it did, in a sentence
 */
public record Violation(String request, String where, String rule) {}
