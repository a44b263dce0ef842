/** The account of the hub at the simulated M-Pesa. Nothing of it is secret, and it opens nothing real. */
export const simulatedMpesa = {
  consumerKey: 'simulated-consumer-key',
  consumerSecret: 'simulated-consumer-secret',
  shortcode: '174379',
  passkey: 'simulated-passkey',
  initiatorName: 'jirani',
  initiatorPassword: 'simulated#password',
} as const;

/** The same account as the hub's environment. */
export const simulatedMpesaEnvironment = (url: string, publicKeyFile: string) => ({
  MPESA_ENVIRONMENT: 'simulator',
  MPESA_BASE_URL: url,
  MPESA_CONSUMER_KEY: simulatedMpesa.consumerKey,
  MPESA_CONSUMER_SECRET: simulatedMpesa.consumerSecret,
  MPESA_BUSINESS_SHORTCODE: simulatedMpesa.shortcode,
  MPESA_PASSKEY: simulatedMpesa.passkey,
  MPESA_INITIATOR_NAME: simulatedMpesa.initiatorName,
  MPESA_INITIATOR_PASSWORD: simulatedMpesa.initiatorPassword,
  MPESA_CERTIFICATE_PATH: publicKeyFile,
});
