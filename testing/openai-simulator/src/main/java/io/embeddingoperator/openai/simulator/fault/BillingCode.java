package io.embeddingoperator.openai.simulator.fault;

/** Why an account gets nothing any more: all are 429 with the type insufficient_quota. */
public enum BillingCode {
    INSUFFICIENT_QUOTA(
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details. For more information on this error,"
                    + " read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."),
    CREDIT_BALANCE_EXHAUSTED(
            "credit_balance_exhausted", "Your credit balance is exhausted. Please add credits to go on."),
    ORGANIZATION_SPEND_LIMIT_EXCEEDED(
            "organization_spend_limit_exceeded", "Your organization has reached its monthly spend limit."),
    PROJECT_SPEND_LIMIT_EXCEEDED("project_spend_limit_exceeded", "Your project has reached its monthly spend limit."),
    ORGANIZATION_USAGE_LIMIT_EXCEEDED(
            "organization_usage_limit_exceeded", "Your organization has reached its approved usage limit.");

    private final String code;
    private final String message;

    BillingCode(String code, String message) {
        this.code = code;
        this.message = message;
    }

    public String code() {
        return code;
    }

    public String message() {
        return message;
    }
}
