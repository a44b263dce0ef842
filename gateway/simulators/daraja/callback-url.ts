/** Which URLs M-Pesa agrees to call back. Words as in the Daraja 3.0 portal, C2B pages. */

const forbiddenWords = /mpesa|m-pesa|safaricom|exe|exec|cmd|sql|query/i;
const publicTesters = /ngrok|mockbin|requestbin/i;
const placeholders = /(^|\.)(example\.(com|org|net)|mydomain\.com|yourdomain\.com|domain\.com)$/i;
const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;
const lengthMax = 512;

/** Whether a callback may go there. `lenient` lets plain http through, on loopback only. */
export function isCallable(text: string, lenient: boolean): boolean {
  if (text.length > lengthMax || /\s/.test(text) || !URL.canParse(text)) return false;
  if (forbiddenWords.test(text) || publicTesters.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (loopback.test(hostname)) return lenient && (protocol === 'http:' || protocol === 'https:');
  return protocol === 'https:' && !placeholders.test(hostname);
}
