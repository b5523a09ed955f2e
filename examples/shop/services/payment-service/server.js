import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { serve } from '../shared/service.js';

const key = process.env.PAYMENT_KEY;
if (!key) throw new Error('PAYMENT_KEY is not set: payments would be accepted from anybody');

const sign = (text) => createHmac('sha256', key).update(text).digest();

serve({
  name: 'payment-service',
  port: Number(process.env.PORT ?? 8002),
  routes: {
    'POST /payments': async ({ headers, body }) => {
      const { order, cents } = await body();
      const given = Buffer.from(String(headers['x-signature'] ?? ''), 'hex');
      const expected = sign(`${order}:${cents}`);
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        return { status: 403, body: { error: 'the signature of the payment is wrong' } };
      if (!Number.isInteger(cents) || cents <= 0) return { status: 422, body: { error: `cents: expected a positive whole number, got ${cents}` } };
      return { status: 201, body: { payment: randomUUID(), order, cents, accepted: true } };
    },
  },
});
