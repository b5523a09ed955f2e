import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ask, serve } from '../shared/service.js';

const products = process.env.PRODUCT_URL ?? 'http://product-service:8000';
const payments = process.env.PAYMENT_URL ?? 'http://payment-service:8002';
const page = readFileSync(new URL('./page.html', import.meta.url), 'utf8');

/** An order passes three services: this one, product-service for the price, payment-service for the money. */
async function order({ body }) {
  const { product: id, quantity = 1 } = await body();
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 100) return { status: 422, body: { error: `quantity: expected 1 to 100, got ${quantity}` } };
  const product = await ask(`${products}/products/${encodeURIComponent(id)}`);
  const number = randomUUID();
  const cents = product.cents * quantity;
  const payment = await ask(`${payments}/payments`, {
    method: 'POST',
    headers: {
      'x-signature': createHmac('sha256', process.env.PAYMENT_KEY ?? '')
        .update(`${number}:${cents}`)
        .digest('hex'),
    },
    body: JSON.stringify({ order: number, cents }),
  });
  return { status: 201, body: { order: number, product: product.name, quantity, cents, payment: payment.payment } };
}

serve({
  name: 'order-service',
  port: Number(process.env.PORT ?? 8001),
  routes: {
    'GET /': () => ({ body: page, type: 'text/html; charset=utf-8' }),
    'GET /products': async () => ({ body: await ask(`${products}/products`) }),
    'POST /orders': order,
  },
});
